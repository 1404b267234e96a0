# Draw this chart again with: gnuplot '10c_dropout-score.gp'
set encoding utf8
set terminal svg size 720,398 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "10c_dropout-score.svg"
set output picture
data = "10c_dropout-score.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "dropout" at screen 0.536506944, screen 0.0427135678 center font ',14'
set label "validation accuracy" at screen 0.025, screen 0.550251256 center rotate by 90 font ',14'
set lmargin at screen 0.114680556
set rmargin at screen 0.958333333
set tmargin at screen 0.964824121
set bmargin at screen 0.135678392
set key off
set xrange [0:0.52]
set xtics ("0" 0, "0.2" 0.2, "0.5" 0.5)
set yrange [0.971254936426:0.981836842041]
set ytics ("0.972" 0.972, "0.974" 0.974, "0.976" 0.976, "0.978" 0.978, "0.980" 0.98)
plot data every ::0::2 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  data every ::0::2 using 1:2 with points pointtype 7 pointsize 0.8 linecolor rgb '#0072B2' notitle, \
  data using 1:2:(strcol(5).": ".sprintf('%.5g', column(2)).(strlen(strcol(3)) && strlen(strcol(4)) ? " (".sprintf('%.5g', column(3))." to ".sprintf('%.5g', column(4)).")" : '')) with labels hypertext point pointtype 5 pointsize 1.2 linecolor rgb '#FF000000' notitle
