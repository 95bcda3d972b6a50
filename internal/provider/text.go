package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// maxQuotedRunes bounds a text from outside.
const maxQuotedRunes = 300

// quoted returns a text from outside in quotes, printable and of bounded length.
func quoted(text string) string {
	for i := range text {
		if i > 4*maxQuotedRunes { // one rune more than is kept, so that the cut shows
			text = text[:i]
			break
		}
	}
	if runes := []rune(text); len(runes) > maxQuotedRunes {
		return strconv.Quote(string(runes[:maxQuotedRunes])) + "… (cut)"
	}
	return strconv.Quote(text)
}

// paragraphs joins the parts that are not empty.
func paragraphs(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "\n\n")
}

func capitalized(sentence string) string {
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}

// count returns a number with its noun: "1 poll", "2 polls".
func count(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}

// statusWord returns a status, in quotes unless the API's page documents it.
func statusWord(status scriptix.Status) string {
	if slices.Contains(scriptix.Statuses(), status) {
		return string(status)
	}
	return quoted(string(status))
}

// duration returns a duration as people write it: "30m", not "30m0s".
func duration(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// moment returns a time by the clock and as a distance from now.
func moment(at time.Time) string {
	return fmt.Sprintf("at %s (in %s)", at.UTC().Format("2006-01-02 15:04:05 MST"), duration(time.Until(at)))
}
