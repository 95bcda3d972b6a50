package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// backends is the file that registers the state backends, one a line.
const backends = "internal/backend/init/init.go"

// removeUnpublished removes the state backends that are modules in folders of the repository: the module proxy has no such
// folders. Everything else is the program as it is released.
func removeUnpublished(source string) error {
	path := filepath.Join(source, "go.mod")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	module, err := modfile.Parse(path, text, nil)
	if err != nil {
		return err
	}
	var removed []string
	for _, replacement := range slices.Clone(module.Replace) {
		if replacement.New.Version != "" || exists(filepath.Join(source, replacement.New.Path)) {
			continue
		}
		removed = append(removed, replacement.Old.Path)
		if err := errors.Join(module.DropReplace(replacement.Old.Path, replacement.Old.Version), module.DropRequire(replacement.Old.Path)); err != nil {
			return err
		}
	}
	if len(removed) == 0 {
		return nil
	}
	module.Cleanup()
	if text, err = module.Format(); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path, text, 0o600), removeBackends(filepath.Join(source, backends), removed))
}

// removeBackends removes the lines that import or use these packages.
func removeBackends(path string, packages []string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	kept := string(text)
	for _, imported := range packages {
		line := regexp.MustCompile(`(?m)^\t(\w+) "` + regexp.QuoteMeta(imported) + `"\n`)
		match := line.FindStringSubmatch(kept)
		if match == nil {
			continue
		}
		kept = strings.Replace(kept, match[0], "", 1)
		kept = regexp.MustCompile(`(?m)^.*\b`+match[1]+`\..*\n`).ReplaceAllString(kept, "")
	}
	return os.WriteFile(path, []byte(kept), 0o600)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
