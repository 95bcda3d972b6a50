package main

import (
	"os"
	"path/filepath"
)

// copyConfiguration copies the configuration files of a folder and of the folders in it. It copies no state or lock file
// that a person may have left there, because these would change the story of the demo.
func copyConfiguration(from, to string) error {
	for _, pattern := range []string{"*.tf", "*.tfvars", filepath.Join("*", "*.tf")} {
		files, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			return err
		}
		for _, file := range files {
			name, err := filepath.Rel(from, file)
			if err != nil {
				return err
			}
			if err := copyFile(file, filepath.Join(to, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
