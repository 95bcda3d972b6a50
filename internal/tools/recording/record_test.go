package main

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
)

func TestFollowEndsWithTheTerminal(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct{ end, want error }{
		"closed":               {nil, nil},
		"left by all programs": {syscall.EIO, nil},
		"broken":               {broken, broken},
	} {
		output := iotest.DataErrReader(strings.NewReader("hello\n"))
		if test.end != nil {
			output = &endingReader{text: "hello\n", end: test.end}
		}
		screen := terminal{columns: 80}
		if err := follow(output, &screen); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
		if len(screen.lines()) != 1 {
			t.Errorf("%s: %d lines were shown, want 1", name, len(screen.lines()))
		}
	}
}

// endingReader gives its text, and then its end.
type endingReader struct {
	text string
	end  error
}

func (r *endingReader) Read(buffer []byte) (int, error) {
	count := copy(buffer, r.text)
	r.text = r.text[count:]
	if count == 0 {
		return 0, r.end
	}
	return count, nil
}
