package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	fencedCode = regexp.MustCompile("(?s)\n```.*?\n```")
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	inlineLink = regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)
	sourceLink = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	anchorTag  = regexp.MustCompile(`<a (?:id|name)="([^"]+)">`)
	headline   = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	linkText   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// Links break silently, and readers meet them first.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, page := range pages(t) {
		for _, link := range linksOf(readPage(t, page)) {
			checked++
			if problem := problemOf(t, page, link); problem != "" {
				t.Errorf("%s: the link %q %s", page, link, problem)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d links were found", checked)
	}
}

// pages are the texts that users and maintainers read, as paths from here.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{"AGENTS.md", "CHANGELOG.md", "README.md"}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md", "examples/*/*.md", ".github/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	return found
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// linksOf finds the links of a page. What looks like one in code is none.
func linksOf(text string) []string {
	text = inlineCode.ReplaceAllString(fencedCode.ReplaceAllString(text, ""), "")
	var links []string
	for _, pattern := range []*regexp.Regexp{inlineLink, sourceLink} {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			links = append(links, match[1])
		}
	}
	return links
}

// problemOf says what is wrong with a link, and nothing when nothing is. Pages elsewhere are judged by their address
// alone, so that the tests need no network.
func problemOf(t *testing.T, page, link string) string {
	t.Helper()
	target, err := url.Parse(link)
	switch {
	case err != nil:
		return "is no address"
	case target.IsAbs() && (target.Scheme != "https" || target.Host == ""):
		return "is not an https address"
	case target.IsAbs():
		return ""
	case strings.HasPrefix(target.Path, "/"):
		return "is not relative"
	}
	file := page
	if target.Path != "" {
		file = filepath.Join(filepath.Dir(page), filepath.FromSlash(target.Path))
	}
	if _, err := os.Stat(file); err != nil {
		return "leads to no file"
	}
	if target.Fragment != "" && !slices.Contains(anchorsOf(readPage(t, file)), target.Fragment) {
		return "leads to no heading"
	}
	return ""
}

// anchorsOf are the places in a page that a link can lead to.
func anchorsOf(text string) []string {
	text = fencedCode.ReplaceAllString(text, "")
	var anchors []string
	for _, match := range anchorTag.FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, match[1])
	}
	for _, match := range headline.FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, anchorOf(match[1]))
	}
	return anchors
}

// anchorOf is the anchor that the registry and GitHub give a heading.
func anchorOf(heading string) string {
	heading = strings.ToLower(linkText.ReplaceAllString(heading, "$1"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		}
		return -1
	}, heading)
}

func TestAnchorOf(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"Plans and Limits":                   "plans-and-limits",
		"What Ctrl-C does":                   "what-ctrl-c-does",
		"Which `poll_interval`, and when?":   "which-poll_interval-and-when",
		"[0.1.0](https://example.org) — now": "010--now",
	} {
		if got := anchorOf(heading); got != want {
			t.Errorf("%s: got %s, want %s", heading, got, want)
		}
	}
}

func TestProblemOfFindsBrokenLinks(t *testing.T) {
	t.Parallel()
	for link, broken := range map[string]bool{
		"docs/index.md":                 false,
		"docs/index.md#authentication":  false,
		"https://www.scriptix.io":       false,
		"docs/missing.md":               true,
		"docs/index.md#no-such-heading": true,
		"#no-such-heading":              true,
		"/docs/index.md":                true,
		"http://www.scriptix.io":        true,
		"https:///docs":                 true,
		"https://www.scriptix.io/%zz":   true,
	} {
		if problem := problemOf(t, "README.md", link); (problem != "") != broken {
			t.Errorf("%s: %q", link, problem)
		}
	}
}
