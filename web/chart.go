package web

import (
	"fmt"
	"math"
	"time"
)

// chart is bars over weeks, drawn as SVG with nothing but numbers and class names in it: the policy of our pages
// takes no style. The table beside it says the same to whoever does not see it.
type chart struct {
	Title  string
	Legend []key
	Bars   []bar
	Lines  []gridLine
	Ticks  []tick
	Empty  bool
}

type key struct{ Class, Text string }

// bar is a rectangle in the units of the view box, 600 by 200.
type bar struct {
	X, Y, W, H float64
	Class      string
	Title      string // on hover
}

type gridLine struct {
	Y    float64
	Text string
}

type tick struct {
	X    float64
	Text string
}

// The plane of a chart, inside the room for the labels.
const (
	planeLeft, planeRight, planeTop, planeBottom = 52.0, 596.0, 10.0, 172.0
	barShare                                     = 0.66 // of a week's room
)

// part is one piece of a week's bar.
type part struct {
	class, title string
	value        float64
}

// newChart stacks the parts of each week.
func newChart(title string, weeks []weekRow, label func(float64) string, parts func(weekRow) []part) chart {
	c := chart{Title: title}
	top := 0.0
	for _, w := range weeks {
		sum := 0.0
		for _, p := range parts(w) {
			sum += p.value
		}
		top = max(top, sum)
	}
	if c.Empty = top == 0; c.Empty {
		return c
	}
	top = roundUp(top)
	for i := range 3 {
		at := top * float64(i) / 2
		c.Lines = append(c.Lines, gridLine{planeBottom - (planeBottom-planeTop)*at/top, label(at)})
	}
	room := (planeRight - planeLeft) / float64(len(weeks))
	for i, w := range weeks {
		x, y := planeLeft+room*(float64(i)+(1-barShare)/2), planeBottom
		for _, p := range parts(w) {
			h := (planeBottom - planeTop) * p.value / top
			if y -= h; h > 0 {
				c.Bars = append(c.Bars, bar{x, y, room * barShare, h, p.class, fmt.Sprintf("Week of %s: %s", w.Monday.Format("2 January"), p.title)})
			}
		}
		if (len(weeks)-1-i)%2 == 0 {
			c.Ticks = append(c.Ticks, tick{x + room*barShare/2, w.Monday.Format("2 Jan")})
		}
	}
	return c
}

// roundUp is the next 1, 2 or 5 with zeros behind.
func roundUp(n float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(n)))
	for _, step := range []float64{1, 2, 5} {
		if n <= step*unit {
			return step * unit
		}
	}
	return 10 * unit
}

// mailChart shows what became of the mail of each week.
func mailChart(weeks []weekRow) chart {
	whole := func(n float64) string {
		if n != math.Trunc(n) {
			return ""
		}
		return number(int(n))
	}
	c := newChart("What became of the mail", weeks, whole, func(w weekRow) []part {
		return []part{
			{"bar-filed", fmt.Sprintf("%d filed", w.Filed), float64(w.Filed)},
			{"bar-held", fmt.Sprintf("%d held", w.Held), float64(w.Held)},
			{"bar-other", fmt.Sprintf("%d neither", w.Other), float64(w.Other)},
		}
	})
	c.Legend = []key{{"bar-filed", "Filed"}, {"bar-held", "Held"}, {"bar-other", "Ignored, duplicate, refused"}}
	return c
}

// answerChart shows how long clients waited.
func answerChart(weeks []weekRow) chart {
	hours := func(n float64) string { return fmt.Sprintf("%.3g h", n) }
	return newChart("How long clients wait for an answer", weeks, hours, func(w weekRow) []part {
		m := median(w.waits)
		return []part{{"bar-filed", waitWords(m), m.Round(time.Minute).Hours()}}
	})
}
