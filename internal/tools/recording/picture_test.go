package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestPictureIsWellFormed(t *testing.T) {
	t.Parallel()
	lines := make([]line, rows+2)
	for i := range lines {
		lines[i] = line{at: time.Duration(i) * time.Second, runs: []run{{text: `<a> & "b"`, style: style{bold: true, colour: 31}}}}
	}
	for name, lines := range map[string][]line{"full": lines, "empty": nil} {
		decoder := xml.NewDecoder(strings.NewReader(string(picture(lines))))
		var err error
		for err == nil {
			_, err = decoder.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPictureMovesOnlyWhatHasToMove(t *testing.T) {
	t.Parallel()
	if sheetAt(rows) != 0 || sheetAt(rows+2) != -2*cellHeight {
		t.Error("the sheet is pulled up only when the window is full, by a line each")
	}
	if curtainAt(0) != 0 || curtainAt(rows+2) != rows*cellHeight {
		t.Error("the curtain hides everything at first, and nothing when the window is full")
	}
}

func TestPictureKeepsColours(t *testing.T) {
	t.Parallel()
	got := string(picture([]line{{runs: []run{{text: "Error", style: style{bold: true, colour: 31}}, {column: 5, text: "plain"}}}}))
	for _, want := range []string{
		`class="b c31">Error</tspan>`,
		`<tspan x="39.15">plain</tspan>`,
		".c31 { fill: " + palette[31] + " }",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, ".c32") {
		t.Error("a colour that nothing has is defined")
	}
}
