package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// cli is a Terraform or an OpenTofu, as it names itself.
type cli struct {
	path              string
	product           string // Terraform or OpenTofu
	version, platform string // 1.14.3 and linux_amd64
}

// Warnings may precede these lines.
var versionLines = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\r?\non (\S+)\r?$`)

// identify runs the program at the path. A program that does not run must fail: a matrix that tests less than it should
// looks as green as one that tests all of it.
func identify(ctx context.Context, path string) (cli, error) {
	var output bytes.Buffer
	command := process.Command(ctx, path, "version")
	command.Stdout = &output
	if err := process.Run(command); err != nil {
		return cli{}, fmt.Errorf("%s version: %w", path, err)
	}
	found := versionLines.FindStringSubmatch(output.String())
	if found == nil {
		return cli{}, fmt.Errorf("%s does not print its version: %q", path, &output)
	}
	return cli{path, found[1], found[2], found[3]}, nil
}

// String returns what people call the CLI: Terraform 1.14.3.
func (c cli) String() string { return c.product + " " + c.version }

// module returns the name by which the makefile lists the CLI: terraform@1.14.3.
func (c cli) module() string {
	if c.product == "OpenTofu" {
		return "tofu@" + c.version
	}
	return "terraform@" + c.version
}

// registry returns the host where the CLI looks for a provider whose address has none.
func (c cli) registry() string {
	if c.product == "OpenTofu" {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}
