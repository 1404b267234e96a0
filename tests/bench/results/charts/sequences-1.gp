# Draw this chart again with: gnuplot 'sequences-1.gp'
set encoding utf8
set terminal svg size 720,444 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "sequences-1.svg"
set output picture
data = "sequences-1.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "Time, as a multiple of nnrun's" at screen 0.5, screen 0.959459459 center font ',15'
set label "times nnrun's" at screen 0.025, screen 0.546829255 center rotate by 90 font ',14'
set lmargin at screen 0.0919305556
set rmargin at screen 0.724208333
set tmargin at screen 0.918918919
set bmargin at screen 0.175207634
set key at screen 0.738097222, screen 0.932432432 left top Left reverse horizontal maxcols 1 samplen 2 spacing 1.026
set xrange [0.5:6.5]
set xtics rotate by 40 right ("lstm-128" 1, "gru-128" 2, "lstm-32" 3, "gru-256" 4, "lstm-1024" 5, "gpt-128" 6)
set yrange [0:3.23323422602]
set ytics ("0.0" 0, "0.5" 0.5, "1.0" 1, "1.5" 1.5, "2.0" 2, "2.5" 2.5, "3.0" 3)
set grid noxtics
plot data using ($1 + -0.266666667):2:(0.250666667) with boxes fillstyle solid noborder linecolor rgb '#0072B2' notitle, \
  data using ($1 + 0):3:(0.250666667) with boxes fillstyle solid noborder linecolor rgb '#D55E00' notitle, \
  data using ($1 + 0.266666667):4:(0.250666667) with boxes fillstyle solid noborder linecolor rgb '#009E73' notitle, \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#0072B2' title "floor", \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#D55E00' title "PyTorch", \
  keyentry with boxes fillstyle solid noborder linecolor rgb '#009E73' title "PyTorch at its best"
