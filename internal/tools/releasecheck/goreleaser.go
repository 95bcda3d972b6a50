package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/compile"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// goreleaser is the package of GoReleaser in the module that pins it.
const goreleaser = "github.com/goreleaser/goreleaser/v2"

// build lets GoReleaser make a snapshot of the checkout into the folder.
func build(ctx context.Context, checkout, folder string) (release, error) {
	say("Building GoReleaser, which takes a few minutes the first time")
	program := filepath.Join(folder, "goreleaser")
	if err := compile.Program(ctx, filepath.Join(checkout, "internal", "tools", "release"), goreleaser, program); err != nil {
		return release{}, err
	}
	original := filepath.Join(checkout, ".goreleaser.yml")
	if err := run(ctx, checkout, program, "check", original); err != nil {
		return release{}, err
	}

	say("Making a snapshot for this machine's platform")
	dist := filepath.Join(folder, "dist")
	text, err := os.ReadFile(original)
	if err != nil {
		return release{}, err
	}
	narrowed, err := narrow(text, dist)
	if err != nil {
		return release{}, err
	}
	configuration := filepath.Join(folder, "goreleaser.yml")
	if err := os.WriteFile(configuration, narrowed, 0o600); err != nil {
		return release{}, err
	}
	// A snapshot publishes nothing. To sign takes the owner's key, and to list the contents takes syft.
	if err := run(ctx, checkout, program, "release", "--snapshot", "--skip=sign,sbom", "--config", configuration); err != nil {
		return release{}, err
	}
	version, err := snapshotVersion(dist)
	return release{folder: dist, version: version}, err
}

func run(ctx context.Context, checkout, program string, arguments ...string) error {
	command := process.Command(ctx, program, arguments...)
	command.Dir = checkout
	command.Stdout = os.Stdout
	command.Stderr = os.Stderr
	if err := process.Run(command); err != nil {
		return fmt.Errorf("goreleaser %s: %w", arguments[0], err)
	}
	return nil
}

// snapshotVersion is the version that GoReleaser gave the snapshot.
func snapshotVersion(dist string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dist, "metadata.json"))
	if err != nil {
		return "", err
	}
	var metadata struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(text, &metadata); err != nil {
		return "", fmt.Errorf("reading what GoReleaser made: %w", err)
	}
	return metadata.Version, nil
}
