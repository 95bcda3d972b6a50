package main

import (
	"strconv"
	"strings"
	"time"
)

// line is one row of the screen.
type line struct {
	at   time.Duration // when it appeared
	runs []run
}

// run is a piece of a line that looks the same throughout.
type run struct {
	column int
	text   string
	style  style
}

// style is how text looks. Zero is plain.
type style struct {
	bold, faint, underlined bool
	colour                  int // as in SGR: 31 to 37, 91 to 97; 0 is the terminal's own
}

// terminal understands as much of a terminal's language as Terraform and the demo speak: lines, colours, and nothing
// that moves the cursor up.
type terminal struct {
	columns int

	done    []line
	current line
	column  int
	style   style
	escape  strings.Builder // an escape sequence that has begun
}

// write shows the text, which came at the moment given.
func (t *terminal) write(text string, at time.Duration) {
	for _, r := range text {
		switch {
		case t.escape.Len() > 0 || r == '\x1b':
			t.escaped(r)
		case r == '\n':
			t.breakLine(at)
		case r < ' ':
			// A carriage return comes before each line feed, and does nothing by itself here.
		default:
			t.put(r, at)
		}
	}
}

// lines is everything that was shown.
func (t *terminal) lines() []line {
	if t.column == 0 {
		return t.done
	}
	return append(t.done, t.current)
}

func (t *terminal) put(r rune, at time.Duration) {
	if t.column == t.columns {
		t.breakLine(at)
	}
	if t.column == 0 {
		t.current.at = at
	}
	last := len(t.current.runs) - 1
	if last < 0 || t.current.runs[last].style != t.style {
		t.current.runs = append(t.current.runs, run{column: t.column, style: t.style})
		last++
	}
	t.current.runs[last].text += string(r)
	t.column++
}

func (t *terminal) breakLine(at time.Duration) {
	if t.column == 0 {
		t.current.at = at
	}
	t.done = append(t.done, t.current)
	t.current = line{}
	t.column = 0
}

// escaped collects a sequence that ends with a letter. Of all sequences, only those that change the style matter.
func (t *terminal) escaped(r rune) {
	t.escape.WriteRune(r)
	if r < '@' || r == '[' || r == '\x7f' {
		return
	}
	sequence := t.escape.String()
	t.escape.Reset()
	if parameters, found := strings.CutPrefix(sequence, "\x1b["); found && r == 'm' {
		for parameter := range strings.SplitSeq(strings.TrimSuffix(parameters, "m"), ";") {
			t.restyle(parameter)
		}
	}
}

func (t *terminal) restyle(parameter string) {
	code, err := strconv.Atoi(parameter)
	switch {
	case err != nil || code == 0: // no parameter at all is a 0
		t.style = style{}
	case code == 1:
		t.style.bold = true
	case code == 2:
		t.style.faint = true
	case code == 4:
		t.style.underlined = true
	case code == 22:
		t.style.bold, t.style.faint = false, false
	case code == 24:
		t.style.underlined = false
	case code == 39:
		t.style.colour = 0
	case 30 <= code && code <= 37, 90 <= code && code <= 97:
		t.style.colour = code
	}
}
