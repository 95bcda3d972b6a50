package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	description = regexp.MustCompile(`(?s)^---\n.*?\ndescription: \|-\n {2}(.*?)\n---\n`)
	callout     = regexp.MustCompile(`(?m)^(?:->|~>|!>) .*`)
	labeled     = regexp.MustCompile(`^(?:-> \*\*Note:\*\*|~> \*\*(?:Important|Warning):\*\*|!> \*\*Warning:\*\*) `)
)

// The registry shows the description of a page in its search results.
func TestDescriptionsOfPagesAreOneShortSentence(t *testing.T) {
	t.Parallel()
	for _, page := range pagesOfRegistry(t) {
		match := description.FindStringSubmatch(readPage(t, page))
		switch {
		case match == nil:
			t.Errorf("%s has no description", page)
		case strings.Contains(match[1], "\n") || strings.Contains(match[1], ". ") || !strings.HasSuffix(match[1], "."):
			t.Errorf("%s: the description is not one sentence: %q", page, match[1])
		case len(strings.Fields(match[1])) > 20:
			t.Errorf("%s: the description has more than 20 words: %q", page, match[1])
		}
	}
}

// Readers come for the example, and skip what has no label.
func TestCalloutsAreLabeledAndFew(t *testing.T) {
	t.Parallel()
	for _, page := range pagesOfRegistry(t) {
		text := readPage(t, page)
		for _, found := range callout.FindAllString(text, -1) {
			if !labeled.MatchString(found) {
				t.Errorf("%s: the callout has no label: %q", page, found)
			}
		}
		beforeExample, _, _ := strings.Cut(text, "\n```")
		if count := len(callout.FindAllString(beforeExample, -1)); count > 1 {
			t.Errorf("%s has %d callouts before its first example", page, count)
		}
	}
}

func pagesOfRegistry(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	if len(found) < 10 {
		t.Errorf("only %q are pages", found)
	}
	return found
}

var matrix = regexp.MustCompile(`(?m)^ +(terraform|opentofu): \[(.+)\]$`)

// The page on support shows which versions the workflow tests.
func TestSupportPageListsTheTestedVersions(t *testing.T) {
	t.Parallel()
	support := readPage(t, "docs/guides/support.md")
	matrices := matrix.FindAllStringSubmatch(readPage(t, ".github/workflows/test.yml"), -1)
	if len(matrices) != 2 {
		t.Fatalf("the workflow has the matrices %q, want those of Terraform and OpenTofu", matrices)
	}
	for _, versions := range matrices {
		name := map[string]string{"terraform": "Terraform", "opentofu": "OpenTofu"}[versions[1]]
		row := "| " + name + " | " + strings.NewReplacer(`"`, "", ".*", "").Replace(versions[2]) + " | Linux |\n"
		if !strings.Contains(support, row) {
			t.Errorf("the page on support has no row %s", row)
		}
	}
}
