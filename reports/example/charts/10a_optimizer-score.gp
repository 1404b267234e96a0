# Draw this chart again with: gnuplot '10a_optimizer-score.gp'
set encoding utf8
set terminal svg size 720,206 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "10a_optimizer-score.svg"
set output picture
data = "10a_optimizer-score.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "validation accuracy" at screen 0.666006944, screen 0.0825242718 center font ',14'
set lmargin at screen 0.373680556
set rmargin at screen 0.958333333
set tmargin at screen 0.932038835
set bmargin at screen 0.262135922
set key off
set xrange [0.967695957762:0.983040328822]
set xtics ("0.970" 0.97, "0.975" 0.975, "0.980" 0.98)
set yrange [3.5:0.5]
set ytics ("learning_rate = 0.001,\noptimizer = rmsprop" 1, "learning_rate = 0.001,\noptimizer = adam" 2, "learning_rate = 0.1, optimizer = sgd" 3)
plot data every ::0::2 using 1:2:3:4 with xerrorbars pointtype 0 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  data every ::0::2 using 1:2 with points pointtype 7 pointsize 0.8 linecolor rgb '#0072B2' notitle, \
  data using 1:2:(strcol(5).": ".sprintf('%.5g', column(1)).(strlen(strcol(3)) && strlen(strcol(4)) ? " (".sprintf('%.5g', column(3))." to ".sprintf('%.5g', column(4)).")" : '')) with labels hypertext point pointtype 5 pointsize 1.2 linecolor rgb '#FF000000' notitle
