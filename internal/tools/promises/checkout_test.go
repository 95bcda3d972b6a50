package promises

import (
	"os/exec"
	"strings"
	"testing"
)

// Git for Windows changes the ends of lines, unless a repository says what they are. Tests compare files byte for byte.
func TestCheckoutHasTheSameBytesOnEverySystem(t *testing.T) {
	t.Parallel()
	command := exec.Command("git", "-c", "safe.directory=*", "ls-files", "--eol")
	command.Dir = checkout
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for line := range strings.Lines(string(output)) {
		if !strings.Contains(line, "attr/text=auto eol=lf") || strings.Contains(line, "crlf") {
			t.Errorf("on Windows, the ends of lines may differ: %s", line)
		}
	}
}
