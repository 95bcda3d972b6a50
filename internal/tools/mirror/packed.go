package mirror

import (
	"os"
	"path/filepath"
)

// Pack lays a mirror out in the folder with a release's archive in it, as the registry serves it: still zipped, under
// the name that the release gave it.
func Pack(archive, folder string) (Mirror, error) {
	packages := filepath.Join(folder, "providers")
	shelf := filepath.Join(packages, filepath.FromSlash(Address))
	if err := os.MkdirAll(shelf, 0o750); err != nil {
		return Mirror{}, err
	}
	content, err := os.ReadFile(archive)
	if err != nil {
		return Mirror{}, err
	}
	if err := os.WriteFile(filepath.Join(shelf, filepath.Base(archive)), content, 0o600); err != nil {
		return Mirror{}, err
	}
	return configured(packages, folder)
}
