package main

import (
	"reflect"
	"testing"
	"time"
)

func TestTerminalKeepsColoursAndTimes(t *testing.T) {
	t.Parallel()
	screen := terminal{columns: 80}
	screen.write("\x1b[1mError:\x1b[0m \x1b[31", time.Second) // sequences may come in pieces
	screen.write("mno\x1b[39m\r\n\r\nlast", 2*time.Second)

	want := []line{
		{at: time.Second, runs: []run{
			{column: 0, text: "Error:", style: style{bold: true}},
			{column: 6, text: " "},
			{column: 7, text: "no", style: style{colour: 31}},
		}},
		{at: 2 * time.Second},
		{at: 2 * time.Second, runs: []run{{text: "last"}}},
	}
	if got := screen.lines(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

func TestTerminalBreaksLongLines(t *testing.T) {
	t.Parallel()
	screen := terminal{columns: 3}
	screen.write("abcdé\n", 0)
	want := []line{{runs: []run{{text: "abc"}}}, {runs: []run{{text: "dé"}}}}
	if got := screen.lines(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTerminalStyles(t *testing.T) {
	t.Parallel()
	for sequence, want := range map[string]style{
		"\x1b[2;4;96m":      {faint: true, underlined: true, colour: 96},
		"\x1b[1;2m\x1b[22m": {},
		"\x1b[4m\x1b[24m":   {},
		"\x1b[1;31m\x1b[m":  {},
		"\x1b[2K\x1b[?25l":  {}, // not about style
	} {
		screen := terminal{columns: 80}
		screen.write(sequence+"x", 0)
		want := []line{{runs: []run{{text: "x", style: want}}}}
		if got := screen.lines(); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", sequence, got, want)
		}
	}
}
