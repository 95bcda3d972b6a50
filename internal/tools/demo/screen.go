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
	cyan  = "\x1b[36m"
	plain = "\x1b[0m"
)

// screen shows the story, in color if possible.
type screen struct {
	out        io.Writer
	isTerminal bool
	color      bool
}

func newScreen(file *os.File) screen {
	isTerminal := term.IsTerminal(int(file.Fd()))
	return screen{
		out:        file,
		isTerminal: isTerminal,
		color:      isTerminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
}

// heading begins a step.
func (s screen) heading(text string) {
	fmt.Fprintf(s.out, "\n%s\n", s.styled(bold, "=== "+text))
}

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
	fmt.Fprintf(s.out, "\n%s\n", s.styled(cyan, strings.Join(words, " ")))
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
