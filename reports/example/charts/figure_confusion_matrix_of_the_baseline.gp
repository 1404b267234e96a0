# Draw this chart again with: gnuplot 'figure_confusion_matrix_of_the_baseline.gp'
set encoding utf8
set terminal svg size 720,428 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "figure_confusion_matrix_of_the_baseline.svg"
set output picture
data = "figure_confusion_matrix_of_the_baseline.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "predicted class" at screen 0.521527778, screen 0.0397196262 center font ',14'
set label "true class" at screen 0.025, screen 0.546728972 center rotate by 90 font ',14'
set lmargin at screen 0.0847222222
set rmargin at screen 0.958333333
set tmargin at screen 0.96728972
set bmargin at screen 0.126168224
set key off
set xrange [0.5:10.5]
set xtics ("0" 1, "1" 2, "2" 3, "3" 4, "4" 5, "5" 6, "6" 7, "7" 8, "8" 9, "9" 10)
set yrange [10.5:0.5]
set ytics ("0" 1, "1" 2, "2" 3, "3" 4, "4" 5, "5" 6, "6" 7, "7" 8, "8" 9, "9" 10)
unset grid
unset colorbox
set palette defined (-1 '#F08A3C', -0.5 '#FBC48F', 0 '#FFFFFF', 0.5 '#C6DCEF', 1 '#7FB3DC')
set palette maxcolors 0
set cbrange [-1:1]
set object rectangle from graph 0, graph 0 to graph 1, graph 1 behind fillcolor rgb '#EEEEEE' fillstyle solid noborder
plot data using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):($1 == $2 ? sqrt($4) : -sqrt($4)) with boxxyerror palette fillstyle solid border linecolor rgb '#FFFFFF' notitle, \
  data using 1:2:($3 > 0 ? strcol(3) : '') with labels font ',13' textcolor rgb '#222222' notitle
