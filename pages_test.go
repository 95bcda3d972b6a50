package main

import (
	"path/filepath"
	"regexp"
	"slices"
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

var (
	passedTable   = regexp.MustCompile(`(?s)<!-- passed: begin -->(.*)<!-- passed: end -->`)
	passedRow     = regexp.MustCompile(`(?m)^\| (Terraform|OpenTofu) (\S+) \| \w+ \| [1-9]\d* \| \d+ \|$`)
	usualCLIs     = regexp.MustCompile(`(?s)\nusual_clis := (.+?[^\\])\n`)
	pinned        = regexp.MustCompile(`(?m)^terraform_version := (.+)$`)
	linuxVersions = regexp.MustCompile(`(?m)^ +(terraform|opentofu): \[(.+)\]$`)
	otherSystem   = regexp.MustCompile(`(?m)^ +- system: (\w+)-latest\n +terraform: (\S+)$`)
)

// "make test-matrix" writes the table when the usual CLIs have passed. Whoever changes them has to run it.
func TestSupportPageListsTheVersionsThatPassed(t *testing.T) {
	t.Parallel()
	makefile := readPage(t, "GNUmakefile")
	list, version := usualCLIs.FindStringSubmatch(makefile), pinned.FindStringSubmatch(makefile)
	table := passedTable.FindStringSubmatch(readPage(t, "docs/guides/support.md"))
	if list == nil || version == nil || table == nil {
		t.Fatalf("the usual CLIs are %q, the version of Terraform is %q, and the table is %q", list, version, table)
	}
	want := strings.Fields(strings.NewReplacer("\\\n", " ", "$(terraform_version)", version[1]).Replace(list[1]))
	var got []string
	for _, row := range passedRow.FindAllStringSubmatch(table[1], -1) {
		got = append(got, map[string]string{"Terraform": "terraform", "OpenTofu": "tofu"}[row[1]]+"@"+row[2])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the page on support lists %q, and the usual CLIs are %q: run make test-matrix with them, and make docs", got, want)
	}
}

func TestSupportPageListsTheVersionsOfTheWorkflow(t *testing.T) {
	t.Parallel()
	workflow := readPage(t, ".github/workflows/test.yml")
	names := map[string]string{"terraform": "Terraform", "opentofu": "OpenTofu", "macos": "macOS", "windows": "Windows"}
	var want []string
	for _, versions := range linuxVersions.FindAllStringSubmatch(workflow, -1) {
		want = append(want, "| "+names[versions[1]]+" | "+strings.NewReplacer(`"`, "", ".*", "").Replace(versions[2])+" | Linux |\n")
	}
	for _, system := range otherSystem.FindAllStringSubmatch(workflow, -1) {
		want = append(want, "| Terraform | "+system[2]+" | "+names[system[1]]+" |\n")
	}
	if len(want) != 4 {
		t.Errorf("the workflow has %q, want Terraform and OpenTofu on Linux, and Terraform on two other systems", want)
	}
	support := readPage(t, "docs/guides/support.md")
	for _, row := range want {
		if !strings.Contains(support, row) {
			t.Errorf("the page on support has no row %s", row)
		}
	}
}
