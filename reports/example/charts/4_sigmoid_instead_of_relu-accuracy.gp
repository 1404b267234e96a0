# Draw this chart again with: gnuplot '4_sigmoid_instead_of_relu-accuracy.gp'
set encoding utf8
set terminal svg size 720,398 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "4_sigmoid_instead_of_relu-accuracy.svg"
set output picture
data = "4_sigmoid_instead_of_relu-accuracy.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "epoch" at screen 0.405090278, screen 0.0427135678 center font ',14'
set label "accuracy" at screen 0.025, screen 0.550251256 center rotate by 90 font ',14'
set lmargin at screen 0.103305556
set rmargin at screen 0.706875
set tmargin at screen 0.964824121
set bmargin at screen 0.135678392
set key at screen 0.720763889, screen 0.979899497 left top Left reverse horizontal maxcols 1 samplen 2 spacing 1.026
set xrange [0.84:5.16]
set xtics ("1" 1, "2" 2, "3" 3, "4" 4, "5" 5)
set yrange [0.754528:0.978952]
set ytics ("0.80" 0.8, "0.85" 0.85, "0.90" 0.9, "0.95" 0.95)
plot data every ::0::4 using 1:2 with linespoints linewidth 2 linecolor rgb '#0072B2' pointtype 7 pointsize 0.5 pointinterval 1 notitle, \
  data every ::5::9 using 1:2 with linespoints linewidth 2 linecolor rgb '#D55E00' pointtype 7 pointsize 0.5 pointinterval 1 notitle, \
  data every ::10::14 using 1:2 with lines linewidth 2 linecolor rgb '#0072B2' dashtype (7,5) notitle, \
  data every ::15::19 using 1:2 with lines linewidth 2 linecolor rgb '#D55E00' dashtype (7,5) notitle, \
  data using 1:2:(strcol(5).": epoch ".sprintf('%.5g', column(1)).", accuracy ".sprintf('%.5g', column(2))) with labels hypertext point pointtype 5 pointsize 1.2 linecolor rgb '#FF000000' notitle, \
  keyentry with linespoints linewidth 2 linecolor rgb '#0072B2' pointtype 7 pointsize 0.5 pointinterval 1 title "activation = relu", \
  keyentry with linespoints linewidth 2 linecolor rgb '#D55E00' pointtype 7 pointsize 0.5 pointinterval 1 title "activation = sigmoid", \
  keyentry with lines linewidth 2 linecolor rgb '#4D4D4D' title "validation", \
  keyentry with lines linewidth 2 linecolor rgb '#4D4D4D' dashtype (7,5) title "training"
