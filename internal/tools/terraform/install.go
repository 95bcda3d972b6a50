package main

import (
	"context"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// terraformVersion is the Terraform release that is fetched where none is installed.
const terraformVersion = "1.11.4"

// install downloads Terraform into the folder, and checks its signature.
func install(ctx context.Context, folder string) error {
	release := &releases.ExactVersion{
		Product:    product.Terraform,
		Version:    version.Must(version.NewVersion(terraformVersion)),
		InstallDir: folder,
	}
	_, err := release.Install(ctx)
	return err
}
