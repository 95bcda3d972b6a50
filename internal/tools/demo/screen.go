package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

// screen shows the story, in color on a terminal.
type screen struct {
	out    io.Writer
	color bool
}

func newScreen(file *os.File) screen {
	return screen{
		out:    file,
		color: term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
}

// heading begins a step.
func (s screen) heading(text string) {
	fmt.Fprintf(s.out, "\n%s\n", s.styled(bold, "=== "+text))
}

// print shows text as it is.
func (s screen) print(text string) { fmt.Fprint(s.out, text) }

// say explains something.
func (s screen) say(text string) {
	fmt.Fprintf(s.out, "\n%s\n", text)
}

// command shows a command line as a person would type it.
func (s screen) command(arguments ...string) {
	words := []string{"$"}
	for _, argument := range arguments {
		words = append(words, quoted(argument))
	}
	fmt.Fprintf(s.out, "\n%s\n", s.styled(faint, strings.Join(words, " ")))
}

func (s screen) styled(style, text string) string {
	if !s.color {
		return text
	}
	return style + text + plain
}

// quoted puts quotes where a shell would need them.
func quoted(argument string) string {
	if strings.ContainsAny(argument, ` "'$*?[]`) {
		return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
	}
	return argument
}
