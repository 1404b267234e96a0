# Draw this chart again with: gnuplot '6_batches_of_10_000-score.gp'
set encoding utf8
set terminal svg size 720,398 fixed font 'sans-serif,13' background '#FFFFFF' rounded noenhanced
if (!exists('picture')) picture = "6_batches_of_10_000-score.svg"
set output picture
data = "6_batches_of_10_000-score.csv"
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set border 3 linecolor rgb '#4D4D4D'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1
set bars small
set label "batch_size" at screen 0.530819444, screen 0.0427135678 center font ',14'
set label "validation accuracy" at screen 0.025, screen 0.550251256 center rotate by 90 font ',14'
set lmargin at screen 0.103305556
set rmargin at screen 0.958333333
set tmargin at screen 0.964824121
set bmargin at screen 0.135678392
set key off
set xrange [83.1763771103:12022.6443462]
set logscale x
set xtics ("100" 100, "10000" 10000, "" 90 1, "" 200 1, "" 300 1, "" 400 1, "" 500 1, "" 600 1, "" 700 1, "" 800 1, "" 900 1, "" 2000 1, "" 3000 1, "" 4000 1, "" 5000 1, "" 6000 1, "" 7000 1, "" 8000 1, "" 9000 1)
set yrange [0.789387343211:0.976200994779]
set ytics ("0.80" 0.8, "0.85" 0.85, "0.90" 0.9, "0.95" 0.95)
plot data every ::0::1 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1.5 linecolor rgb '#0072B2' notitle, \
  data every ::0::1 using 1:2 with points pointtype 7 pointsize 0.8 linecolor rgb '#0072B2' notitle, \
  data using 1:2:(strcol(5).": ".sprintf('%.5g', column(2)).(strlen(strcol(3)) && strlen(strcol(4)) ? " (".sprintf('%.5g', column(3))." to ".sprintf('%.5g', column(4)).")" : '')) with labels hypertext point pointtype 5 pointsize 1.2 linecolor rgb '#FF000000' notitle
