// Command ablation takes each guard of the wait core away once, and shows which test falls without it. It changes no file: the go
// command reads the changed text through -overlay.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// guard is a part of the code that a test must hold.
type guard struct {
	name string // what it guards against
	file string // below the root
	text string // occurs once in the file
	with string // replaces the text
	test string // falls without the guard, as a pattern for -run
}

// patience is how long a test may take. A guard against endless loops is also held by a test that never ends.
const patience = "40s"

func main() {
	root := flag.String("root", ".", "the `directory` of the module")
	only := flag.String("only", "", "only guards whose name contains this `text`")
	flag.Parse()
	if err := run(context.Background(), *root, *only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run takes the guards away one by one. It fails if no test falls without one of them.
func run(ctx context.Context, root, only string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	fmt.Println("| guard | test | without it |\n|---|---|---|")
	unheld := 0
	for _, guard := range guards {
		if !strings.Contains(guard.name, only) {
			continue
		}
		started := time.Now()
		isHeld, err := guard.isHeld(ctx, root)
		result := "falls"
		switch {
		case err != nil:
			result = err.Error()
			unheld++
		case !isHeld:
			result = "**passes**"
			unheld++
		}
		fmt.Printf("| %s | `%s` | %s, %s |\n", guard.name, guard.test, result, time.Since(started).Round(time.Second))
	}
	if unheld > 0 {
		return fmt.Errorf("no test holds %d of the guards", unheld)
	}
	return nil
}

// isHeld reports whether the test falls without the guard.
func (g guard) isHeld(ctx context.Context, root string) (bool, error) {
	directory, err := os.MkdirTemp("", "ablation")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(directory)
	overlay, err := g.overlay(root, directory)
	if err != nil {
		return false, err
	}
	pkg := "./" + filepath.Dir(g.file)
	if output, err := goCommand(ctx, root, "vet", "-overlay", overlay, pkg); err != nil {
		return false, fmt.Errorf("the code does not compile without the guard: %w: %.300s", err, output)
	}
	output, err := goCommand(ctx, root, "test", "-overlay", overlay, "-count=1", "-timeout", patience, "-run", g.test, "./internal/wait")
	if strings.Contains(output, "no tests to run") {
		return false, errors.New("there is no such test")
	}
	return err != nil, nil
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
