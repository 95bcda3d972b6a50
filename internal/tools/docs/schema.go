package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// configuration needs the provider, which is all that Terraform must know to tell its schema.
const configuration = `terraform {
  required_providers {
    scriptix = {
      source = "` + mirror.Address + `"
    }
  }
}
`

// terraformCLI is a Terraform that works in a folder of its own with the provider just built.
type terraformCLI struct {
	path     string
	provider mirror.Mirror
	folder   string
}

// schema asks Terraform for the provider's schema.
func (t terraformCLI) schema(ctx context.Context) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(t.folder, "main.tf"), []byte(configuration), 0o600); err != nil {
		return nil, err
	}
	if _, err := t.run(ctx, "init", "-no-color", "-input=false"); err != nil {
		return nil, err
	}
	schemas, err := t.run(ctx, "providers", "schema", "-json")
	if err != nil {
		return nil, err
	}
	return forTfplugindocs(schemas)
}

// run returns what Terraform prints, its messages on standard error excepted.
func (t terraformCLI) run(ctx context.Context, arguments ...string) ([]byte, error) {
	var output bytes.Buffer
	command := process.Command(ctx, t.path, arguments...)
	command.Dir = t.folder
	command.Env = t.provider.Environment()
	command.Stdout = &output
	command.Stderr = os.Stderr
	if err := process.Run(command); err != nil {
		return nil, fmt.Errorf("terraform %s: %w", arguments[0], err)
	}
	return output.Bytes(), nil
}

// schemas is what Terraform prints, as far as it matters here.
type schemas struct {
	FormatVersion string                     `json:"format_version"`
	Schemas       map[string]json.RawMessage `json:"provider_schemas"`
}

// forTfplugindocs puts the provider's schema where tfplugindocs looks for it: under the provider's short name, and not
// under its address.
func forTfplugindocs(text []byte) ([]byte, error) {
	var all schemas
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	schema, found := all.Schemas[mirror.Address]
	if !found {
		return nil, fmt.Errorf("terraform told no schema for %s", mirror.Address)
	}
	all.Schemas = map[string]json.RawMessage{providerName: schema}
	return json.Marshal(all)
}
