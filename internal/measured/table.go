// Package measured writes what tests have measured into the documents that tell it.
package measured

import (
	"fmt"
	"os"
	"strings"
)

// WriteTable puts a table between the two marks that bear its name, into each of the files.
func WriteTable(name, table string, paths ...string) error {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
		before, rest, begins := strings.Cut(string(text), begin)
		_, after, ends := strings.Cut(rest, end)
		if !begins || !ends {
			return fmt.Errorf("%s lacks the marks %q and %q", path, begin, end)
		}
		if err := os.WriteFile(path, []byte(before+begin+"\n"+table+"\n"+end+after), 0o600); err != nil {
			return err
		}
	}
	return nil
}
