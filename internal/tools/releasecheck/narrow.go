package main

import (
	"errors"
	"fmt"
	"runtime"

	"go.yaml.in/yaml/v3"
)

// narrow changes a GoReleaser configuration to build for this machine's platform alone, into the folder. All else, and
// so all that this check is about, stays as it is.
func narrow(configuration []byte, dist string) ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(configuration, &document); err != nil {
		return nil, fmt.Errorf("reading .goreleaser.yml: %w", err)
	}
	builds, _ := document["builds"].([]any)
	if len(builds) == 0 {
		return nil, errors.New(".goreleaser.yml builds nothing")
	}
	for _, entry := range builds {
		build, isMap := entry.(map[string]any)
		if !isMap {
			return nil, fmt.Errorf(".goreleaser.yml has a build that is no mapping: %v", entry)
		}
		build["goos"] = []string{runtime.GOOS}
		build["goarch"] = []string{runtime.GOARCH}
		delete(build, "ignore")
	}
	document["dist"] = dist
	return yaml.Marshal(document)
}
