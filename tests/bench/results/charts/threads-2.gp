# Draw this chart again with: gnuplot 'threads-2.gp'
set encoding utf8
set terminal svg size 720,469 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = 'threads-2.svg'
set output picture
data = 'threads-2.csv'
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label 'Time, as a multiple of nnrun''s' at screen 0.5, screen 0.961620469 center font ',15'
set label 'times nnrun''s' at screen 0.025, screen 0.571131996 center rotate by 90 font ',14'
set lmargin at screen 0.08525
set rmargin at screen 0.74425
set tmargin at screen 0.923240938
set bmargin at screen 0.219319629
set key at screen 0.758138889, screen 0.936034115 left top Left reverse horizontal maxcols 1 samplen 2 spacing 1.026
set xrange [0.5:11.5]
set xtics rotate by 40 right ('shallow-100' 1, 'deep-100' 2, 'shallow-10000' 3, 'shallow-1' 4, 'wide-32' 5, 'wide-128' 6, 'wide-1024' 7, 'housing-32' 8, 'imdb-512' 9, 'predict-shallow' 10, 'predict-wide' 11)
set yrange [0:62.3994723098]
set ytics ('0' 0, '10' 10, '20' 20, '30' 30, '40' 40, '50' 50, '60' 60)
set grid noxtics
plot data using ($1 + -0.333333333):2:(0.125333333) with boxes fillstyle solid noborder linecolor rgb '#0072B2' notitle, \
  data using ($1 + -0.2):3:(0.125333333) with boxes fillstyle solid noborder linecolor rgb '#D55E00' notitle, \
  data using ($1 + -0.0666666667):4:(0.125333333) with boxes fillstyle solid noborder linecolor rgb '#009E73' notitle, \
  data using ($1 + 0.0666666667):5:(0.125333333) with boxes fillstyle solid noborder linecolor rgb '#CC79A7' notitle, \
  data using ($1 + 0.2):6:(0.125333333) with boxes fillstyle solid noborder linecolor rgb '#E69F00' notitle, \
  data using ($1 + 0.333333333):7:(0.125333333) with boxes fillstyle solid noborder linecolor rgb '#56B4E9' notitle, \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#0072B2' title 'floor', \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#D55E00' title 'PyTorch', \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#009E73' title 'PyTorch, foreach', \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#CC79A7' title 'scikit-learn', \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#E69F00' title 'libtorch, C++', \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#56B4E9' title 'dlib'
