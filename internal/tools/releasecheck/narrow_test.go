package main

import (
	"runtime"
	"strings"
	"testing"
)

func TestNarrowKeepsWhatIsNotAboutPlatforms(t *testing.T) {
	t.Parallel()
	got, err := narrow([]byte(`
version: 2
builds:
  - binary: provider
    goos: [plan9, solaris]
    goarch: [mips]
    ignore: [{goos: plan9}]
checksum:
  name_template: sums
`), "/elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"dist: /elsewhere", "binary: provider", "name_template: sums", runtime.GOOS, runtime.GOARCH} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	for _, unwanted := range []string{"plan9", "solaris", "mips"} {
		if strings.Contains(string(got), unwanted) {
			t.Errorf("%q is still in\n%s", unwanted, got)
		}
	}
}

func TestNarrowRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, configuration := range map[string]string{
		"not YAML":        "\t",
		"no builds":       "version: 2",
		"builds of words": "builds: [one]",
	} {
		if _, err := narrow([]byte(configuration), "dist"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
