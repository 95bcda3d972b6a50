// Package promises holds the tests of what the pages of this project promise, and of .ci/run.
package promises

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

const checkout = "../../.."

func security(t *testing.T) string {
	t.Helper()
	return text(t, ".github/SECURITY.md")
}

func text(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(checkout, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Each dependency is a stranger's code that runs with the user's token: none comes in without a reason.
func TestDependenciesAreListed(t *testing.T) {
	t.Parallel()
	module, err := modfile.Parse("go.mod", []byte(text(t, "go.mod")), nil)
	if err != nil {
		t.Fatal(err)
	}
	var required []string
	for _, dependency := range module.Require {
		if !dependency.Indirect {
			required = append(required, dependency.Mod.Path)
		}
	}
	_, section, _ := strings.Cut(security(t), "## Dependencies")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| \\S.* \\|$").FindAllStringSubmatch(section, -1) {
		listed = append(listed, row[1])
	}
	slices.Sort(required)
	slices.Sort(listed)
	if !slices.Equal(required, listed) {
		t.Errorf("go.mod requires %q, and .github/SECURITY.md gives reasons for %q", required, listed)
	}
}

// A promise whose test was renamed or removed is held by nothing.
func TestPromisesAreHeldByTestsThatExist(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	collect := func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		code.Write(content)
		return err
	}
	for _, path := range []string{"internal", "parent_test.go"} {
		if err := filepath.WalkDir(filepath.Join(checkout, path), collect); err != nil {
			t.Fatal(err)
		}
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(security(t), -1)
	if len(names) < 20 {
		t.Errorf("only %d tests are named", len(names))
	}
	for _, name := range names {
		if !strings.Contains(code.String(), "\nfunc "+name[1]+"(") {
			t.Errorf("%s is promised, and there is no such test", name[1])
		}
	}
}
