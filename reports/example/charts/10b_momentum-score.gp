# Draw this chart again with: gnuplot '10b_momentum-score.gp'
set encoding utf8
set terminal svg size 720,148 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "10b_momentum-score.svg"
set output picture
data = "10b_momentum-score.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "validation accuracy" at screen 0.658604167, screen 0.114864865 center font ',14'
set lmargin at screen 0.358875
set rmargin at screen 0.958333333
set tmargin at screen 0.905405405
set bmargin at screen 0.364864865
set key off
set xrange [0.96768476755:0.983331274351]
set xtics ("0.970" 0.97, "0.975" 0.975, "0.980" 0.98)
set yrange [3.5:0.5]
set ytics ("momentum = 0.9, nesterov = true" 1, "momentum = 0.9, nesterov = false" 2, "momentum = 0, nesterov = false" 3)
plot data every ::0::2 using 1:2:3:4 with xerrorbars pointtype 0 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  data every ::0::2 using 1:2 with points pointtype 7 pointsize 0.8 linecolor rgb '#0072B2' notitle, \
  data using 1:2:(strcol(5).": ".sprintf('%.5g', column(1)).(strlen(strcol(3)) && strlen(strcol(4)) ? " (".sprintf('%.5g', column(3))." to ".sprintf('%.5g', column(4)).")" : '')) with labels hypertext point pointtype 5 pointsize 1.2 linecolor rgb '#FF000000' notitle
