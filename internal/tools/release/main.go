// Command release checks the files of a release as the Terraform registry does, before anybody publishes them.
// Its test lets Terraform install the provider from a release. "make release-check" makes a release and runs both.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	config := flag.String("config", ".goreleaser.yml", "`path` of GoReleaser's configuration, which lists the platforms")
	key := flag.String("key", "", "`path` of the armored public key that the registry knows")
	files := flag.String("files", "", "`folder` of the files to publish")
	flag.Parse()

	found, err := inspect(*checkout, *config, *key, *files)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, found)
}

// inspect compares the files with what the checkout says, and describes a release without a problem.
func inspect(checkout, config, key, files string) (string, error) {
	platforms, err := readPlatforms(config)
	if err != nil {
		return "", err
	}
	keys, err := readKeys(key)
	if err != nil {
		return "", err
	}
	manifest, err := os.ReadFile(filepath.Join(checkout, "terraform-registry-manifest.json"))
	if err != nil {
		return "", err
	}
	licenses, err := filepath.Glob(filepath.Join(checkout, "LICENSE*"))
	if err != nil {
		return "", err
	}
	wanted := contents{platforms: platforms, manifest: manifest, keys: keys}
	for _, license := range licenses {
		wanted.licenses = append(wanted.licenses, filepath.Base(license))
	}
	version, err := wanted.check(files)
	if err != nil {
		return "", fmt.Errorf("the registry would refuse this release:\n%w", err)
	}
	return fmt.Sprintf("Version %s has everything that the registry asks for. Archives: %d.", version, len(platforms)), nil
}
