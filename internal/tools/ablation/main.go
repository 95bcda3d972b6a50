// Command ablation takes each guard of the wait core away once, and shows which test falls without it. It changes no file: the go
// command reads the changed text through -overlay.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

// guard is a part of the code that a test must hold.
type guard struct {
	name string // what it guards against
	file string // below the root
	text string // occurs once in the file
	with string // replaces the text
	test string // falls without the guard, as a pattern for -run
}

// patience is how long a test may take.
const patience = "90s"

// What a test does without the guard.
const (
	falls      = "falls"
	endless    = "**never ends**"
	passes     = "**passes**"
	uncompiled = "**does not compile**"
	missing    = "**there is no such test**"
)

func main() {
	root := flag.String("root", ".", "the `directory` of the module")
	only := flag.String("only", "", "only guards whose name contains this `text`")
	parallel := flag.Int("parallel", 2, "how `many` guards to take away at the same time, each in a copy of its own")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *root, *only, *parallel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run takes the guards away one by one. It fails unless a test falls without each of them.
func run(ctx context.Context, table io.Writer, root, only string, parallel int) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(slices.Clone(guards), func(g guard) bool { return !strings.Contains(g.name, only) })
	results := make([]chan string, len(chosen))
	for i := range results {
		results[i] = make(chan string, 1)
	}
	var next atomic.Int64
	for range parallel {
		go func() {
			for i := next.Add(1) - 1; i < int64(len(chosen)); i = next.Add(1) - 1 {
				results[i] <- chosen[i].without(ctx, root)
			}
		}()
	}
	fmt.Fprintln(table, "| guard | test | without it |\n|---|---|---|")
	held := 0
	for i, guard := range chosen {
		result := <-results[i]
		if result == falls {
			held++
		}
		fmt.Fprintf(table, "| %s | `%s` | %s |\n", guard.name, guard.test, result)
	}
	fmt.Fprintf(table, "\nA test holds %d of %d guards.\n", held, len(chosen))
	if held < len(chosen) {
		return errors.New("no test holds the others")
	}
	return nil
}

// without returns what the test does without the guard.
func (g guard) without(ctx context.Context, root string) string {
	directory, err := os.MkdirTemp("", "ablation")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = os.RemoveAll(directory) }()
	overlay, err := g.overlay(root, directory)
	if err != nil {
		return err.Error()
	}
	arguments := []string{"test", "-overlay", overlay, "-count=1", "-vet=off", "-failfast", "-timeout", patience}
	output, err := goCommand(ctx, root, append(arguments, "-run", g.test, "./internal/wait")...)
	switch {
	case strings.Contains(output, "no tests to run"):
		return missing
	case err == nil:
		return passes
	case strings.Contains(output, "[build failed]"):
		return uncompiled
	case strings.Contains(output, "panic: test timed out"):
		return endless
	case strings.Contains(output, "--- FAIL") || strings.Contains(output, "panic: "):
		return falls
	}
	return fmt.Sprintf("%v: %.300s", err, output)
}

// overlay writes the changed file, and returns the path of the overlay that replaces it.
func (g guard) overlay(root, directory string) (string, error) {
	original := filepath.Join(root, filepath.FromSlash(g.file))
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	if count := strings.Count(string(source), g.text); count != 1 {
		return "", fmt.Errorf("the text occurs %d times in %s", count, g.file)
	}
	changed := filepath.Join(directory, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(source), g.text, g.with, 1)), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(directory, "overlay.json")
	return overlay, os.WriteFile(overlay, replace, 0o600)
}

func goCommand(ctx context.Context, root string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = root
	output, err := command.CombinedOutput()
	return string(output), err
}
