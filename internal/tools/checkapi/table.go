package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
)

// verdict says how what was seen compares to what is assumed.
type verdict string

const (
	same     verdict = "same"
	differs  verdict = "DIFFERS"
	unseen   verdict = "not seen" // the account has nothing that would show it
	addition verdict = "note"     // beyond what is assumed, and of no harm to the client
)

// finding is one line of the table.
type finding struct {
	subject, assumed, seen string
	verdict                verdict
}

type table struct {
	findings []finding
}

func (t *table) add(subject, assumed, seen string, holds bool) {
	judged := differs
	if holds {
		judged = same
	}
	t.findings = append(t.findings, finding{subject, assumed, seen, judged})
}

func (t *table) notSeen(subject, assumed, why string) {
	t.findings = append(t.findings, finding{subject, assumed, why, unseen})
}

func (t *table) note(subject, assumed, seen string) {
	t.findings = append(t.findings, finding{subject, assumed, seen, addition})
}

func (t *table) differs() bool {
	return slices.ContainsFunc(t.findings, func(f finding) bool { return f.verdict == differs })
}

func (t *table) print(output io.Writer) {
	writer := tabwriter.NewWriter(output, 0, 0, 2, ' ', 0)
	fmt.Fprintln(writer, "WHAT\tASSUMED\tSEEN\t")
	for _, f := range t.findings {
		fmt.Fprintf(writer, "%s\t%s\t%s\t%s\n", f.subject, f.assumed, f.seen, f.verdict)
	}
	if err := writer.Flush(); err != nil {
		fmt.Fprintln(output, err)
	}
}

// word shows a text of the API's only when it is a plain name, as statuses and error codes are: anything else may be
// hostile, or private, or the token.
func word(text string) string {
	const longest = 40
	if text == "" || len(text) > longest {
		return "(a text of " + strconv.Itoa(len(text)) + " bytes)"
	}
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != ' ' {
			return "(a text of " + strconv.Itoa(len(text)) + " bytes)"
		}
	}
	return text
}
