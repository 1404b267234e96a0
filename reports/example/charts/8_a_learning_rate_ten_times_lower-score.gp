# Draw this chart again with: gnuplot '8_a_learning_rate_ten_times_lower-score.gp'
set encoding utf8
set terminal svg size 720,398 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "8_a_learning_rate_ten_times_lower-score.svg"
set output picture
data = "8_a_learning_rate_ten_times_lower-score.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "learning_rate" at screen 0.530819444, screen 0.0427135678 center font ',14'
set label "validation accuracy" at screen 0.025, screen 0.550251256 center rotate by 90 font ',14'
set lmargin at screen 0.103305556
set rmargin at screen 0.958333333
set tmargin at screen 0.964824121
set bmargin at screen 0.135678392
set key off
set xrange [6.4e-05:0.001036]
set xtics ("0.0001" 0.0001, "0.001" 0.001)
set yrange [0.924020987696:0.971022777683]
set ytics ("0.93" 0.93, "0.94" 0.94, "0.95" 0.95, "0.96" 0.96, "0.97" 0.97)
plot data every ::0::1 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  data every ::0::1 using 1:2 with points pointtype 7 pointsize 0.8 linecolor rgb '#0072B2' notitle, \
  data using 1:2:(strcol(5).": ".sprintf('%.5g', column(2)).(strlen(strcol(3)) && strlen(strcol(4)) ? " (".sprintf('%.5g', column(3))." to ".sprintf('%.5g', column(4)).")" : '')) with labels hypertext point pointtype 5 pointsize 1.2 linecolor rgb '#FF000000' notitle
