package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// Measures of the picture, in pixels.
const (
	cellWidth  = 7.83
	cellHeight = 18
	margin     = 16
	titleBar   = 36
	width      = 2*margin + 783 // columns of cells
	height     = titleBar + rows*cellHeight + margin
)

// rest is how long the last frame stays before the picture begins anew.
const rest = 8 * time.Second

// palette has the colours of SGR that Terraform uses. The terminal is dark, so that it looks the same on a light page
// and on a dark one.
var palette = map[int]string{
	31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76e3ea", 37: "#c9d1d9",
	90: "#8b949e", 91: "#ffa198", 92: "#aff5b4", 93: "#f2cc60", 94: "#a5d6ff", 95: "#e2c5ff", 96: "#b3f0ff", 97: "#ffffff",
}

// picture draws the lines as an SVG. All of them stand on one long sheet, which is pulled up behind a window as lines
// appear; a curtain hides what has not appeared yet while the window is not full. Where nothing moves, be it that the
// viewer cannot or that its user does not like it, the last frame is shown.
func picture(lines []line) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		width, height, width, height, "A terminal in which Terraform waits for transcripts, and stops when a session has failed")
	styleSheet(&b, lines)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#0d1117"/>`+"\n", width, height)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="6" fill="%s"/>`+"\n", margin+6+20*i, titleBar/2, colour)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="#8b949e">make demo</text>`+"\n", width/2, titleBar/2+5)
	fmt.Fprintf(&b, `<svg x="%d" y="%d" width="%d" height="%d">`+"\n", margin, titleBar, width-2*margin, rows*cellHeight)
	b.WriteString(`<g class="sheet" xml:space="preserve">` + "\n")
	for i, line := range lines {
		drawLine(&b, line, i)
	}
	b.WriteString("</g>\n")
	fmt.Fprintf(&b, `<rect class="curtain" width="%d" height="%d" fill="#0d1117"/>`+"\n", width, rows*cellHeight)
	b.WriteString("</svg>\n</svg>\n")
	return b.Bytes()
}

func styleSheet(b *bytes.Buffer, lines []line) {
	b.WriteString("<style>\n" +
		`text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; fill: #c9d1d9; white-space: pre }` + "\n" +
		".b { font-weight: bold }\n.f { fill-opacity: .7 }\n.u { text-decoration: underline }\n")
	for _, code := range usedColours(lines) {
		fmt.Fprintf(b, ".c%d { fill: %s }\n", code, palette[code])
	}
	frames(b, lines)
	b.WriteString("</style>\n")
}

// frames moves sheet and curtain whenever a line appears.
func frames(b *bytes.Buffer, lines []line) {
	if len(lines) == 0 {
		return
	}
	total := lines[len(lines)-1].at + rest
	fmt.Fprintf(b, ".sheet { transform: translateY(%dpx) }\n.curtain { transform: translateY(%dpx) }\n",
		sheetAt(len(lines)), curtainAt(len(lines)))
	fmt.Fprintf(b, "@media (prefers-reduced-motion: no-preference) {\n"+
		".sheet { animation: sheet %.2fs step-end infinite }\n.curtain { animation: curtain %.2fs step-end infinite }\n}\n",
		total.Seconds(), total.Seconds())
	for _, part := range []struct {
		name string
		at   func(shown int) int
	}{{"sheet", sheetAt}, {"curtain", curtainAt}} {
		fmt.Fprintf(b, "@keyframes %s {\n0%% { transform: translateY(%dpx) }\n", part.name, part.at(0))
		for i, line := range lines {
			if before, now := part.at(i), part.at(i+1); before != now {
				fmt.Fprintf(b, "%.2f%% { transform: translateY(%dpx) }\n", 100*line.at.Seconds()/total.Seconds(), now)
			}
		}
		b.WriteString("}\n")
	}
}

// sheetAt is where the sheet stands when so many lines are shown.
func sheetAt(shown int) int { return -cellHeight * max(0, shown-rows) }

// curtainAt is where the curtain begins when so many lines are shown.
func curtainAt(shown int) int { return cellHeight * min(shown, rows) }

func drawLine(b *bytes.Buffer, l line, row int) {
	if len(l.runs) == 0 {
		return
	}
	fmt.Fprintf(b, `<text y="%d">`, row*cellHeight+13)
	for _, run := range l.runs {
		fmt.Fprintf(b, `<tspan x="%.5g"%s>`, float64(run.column)*cellWidth, classes(run.style))
		// Writing to a bytes.Buffer does not fail.
		_ = xml.EscapeText(b, []byte(run.text))
		b.WriteString("</tspan>")
	}
	b.WriteString("</text>\n")
}

func classes(s style) string {
	var names []byte
	for _, class := range []struct {
		on   bool
		name string
	}{
		{s.bold, "b "},
		{s.faint, "f "},
		{s.underlined, "u "},
		{palette[s.colour] != "", fmt.Sprintf("c%d ", s.colour)},
	} {
		if class.on {
			names = append(names, class.name...)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" class=%q", bytes.TrimSpace(names))
}

// usedColours lists the colours of the palette that the lines have, each once and in order, so that the same recording
// makes the same file.
func usedColours(lines []line) []int {
	used := make(map[int]bool)
	for _, line := range lines {
		for _, run := range line.runs {
			used[run.style.colour] = true
		}
	}
	var codes []int
	for code := 31; code <= 97; code++ {
		if used[code] && palette[code] != "" {
			codes = append(codes, code)
		}
	}
	return codes
}
