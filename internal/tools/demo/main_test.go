package main

import (
	"errors"
	"strings"
	"testing"
)

func TestEnding(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err         error
		interrupted bool
		code        int
		words       string
	}{
		"at the end":             {nil, false, 0, "Done"},
		"failed":                 {errors.New("no compiler"), false, 1, "no compiler"},
		"interrupted":            {errors.New("signal: interrupt"), true, 130, "Interrupted"},
		"interrupted at the end": {nil, true, 130, "Interrupted"},
	} {
		if code, words := ending(test.err, test.interrupted); code != test.code || !strings.Contains(words, test.words) {
			t.Errorf("%s: got %d, %q, want %d, %q", name, code, words, test.code, test.words)
		}
	}
}
