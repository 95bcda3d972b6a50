package main

import (
	"fmt"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// platform is an operating system and an architecture, as Go and the registry name them.
type platform struct {
	OS   string `yaml:"goos"`
	Arch string `yaml:"goarch"`
}

// program returns the name that Terraform expects inside the archive.
func (p platform) program(version string) string {
	if p.OS == "windows" {
		return project + "_v" + version + ".exe"
	}
	return project + "_v" + version
}

// readPlatforms returns the platforms that GoReleaser's configuration builds for.
func readPlatforms(config string) ([]platform, error) {
	text, err := os.ReadFile(config)
	if err != nil {
		return nil, err
	}
	var parsed struct {
		Builds []struct {
			OS     []string   `yaml:"goos"`
			Arch   []string   `yaml:"goarch"`
			Ignore []platform `yaml:"ignore"`
		} `yaml:"builds"`
	}
	if err := yaml.Unmarshal(text, &parsed); err != nil {
		return nil, fmt.Errorf("%s: %w", config, err)
	}
	var platforms []platform
	for _, build := range parsed.Builds {
		for _, system := range build.OS {
			for _, arch := range build.Arch {
				if built := (platform{system, arch}); !slices.Contains(build.Ignore, built) {
					platforms = append(platforms, built)
				}
			}
		}
	}
	if len(platforms) == 0 {
		return nil, fmt.Errorf("%s names no platform", config)
	}
	return platforms, nil
}
