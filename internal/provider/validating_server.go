package provider

import (
	"context"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// frameworkServer has the methods that plugin-go looks for in a server. The framework's server has them all, but its type
// is internal.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

// validatingServer validates the configuration of some blocks again right before the provider uses it. Every value must be
// known and valid.
//
// The framework's validators skip unknown values. Terraform validates resources, data sources, and list blocks again when it
// knows the values. It does not validate an action again, for example one whose session_ids has become null. OpenTofu does
// not validate an ephemeral resource again.
type validatingServer struct {
	frameworkServer

	schemas func() (*tfprotov6.GetProviderSchemaResponse, error)
}

func newValidatingServer(inner frameworkServer) validatingServer {
	return validatingServer{
		frameworkServer: inner,
		// The framework makes all schemas again for each request.
		schemas: sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
			return inner.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
		}),
	}
}

// OpenEphemeralResource returns errors for an invalid ephemeral block.
func (s validatingServer) OpenEphemeralResource(ctx context.Context, request *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	validated, err := s.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{
		TypeName: request.TypeName, Config: request.Config,
	})
	if err != nil {
		return nil, err
	}
	problems, err := s.problems(validated.Diagnostics, request.Config,
		func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
			return all.EphemeralResourceSchemas[request.TypeName]
		})
	if err != nil || len(problems) > 0 {
		return &tfprotov6.OpenEphemeralResourceResponse{Diagnostics: problems}, err
	}
	return s.frameworkServer.OpenEphemeralResource(ctx, request)
}

// PlanAction returns errors for an action block whose known values are invalid, before Terraform changes anything.
func (s validatingServer) PlanAction(ctx context.Context, request *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	validated, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{
		ActionType: request.ActionType, Config: request.Config,
	})
	if err != nil {
		return nil, err
	}
	if hasError(validated.Diagnostics) {
		return &tfprotov6.PlanActionResponse{Diagnostics: validated.Diagnostics}, nil
	}
	return s.frameworkServer.PlanAction(ctx, request)
}

// InvokeAction returns errors for an invalid action block.
func (s validatingServer) InvokeAction(ctx context.Context, request *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	validated, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{
		ActionType: request.ActionType, Config: request.Config,
	})
	if err != nil {
		return nil, err
	}
	problems, err := s.problems(validated.Diagnostics, request.Config,
		func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
			return all.ActionSchemas[request.ActionType].Schema
		})
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
			push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: problems}})
		}}, nil
	}
	return s.frameworkServer.InvokeAction(ctx, request)
}

// problems returns why the provider must not use a configuration: the errors of its validation, or else an error for each
// argument that is not known. It returns no warnings, because Terraform has already shown them.
func (s validatingServer) problems(
	validated []*tfprotov6.Diagnostic, config *tfprotov6.DynamicValue,
	schemaOf func(*tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema,
) ([]*tfprotov6.Diagnostic, error) {
	if hasError(validated) {
		return validated, nil
	}
	schemas, err := s.schemas()
	if err != nil {
		return nil, err
	}
	value, err := config.Unmarshal(schemaOf(schemas).ValueType())
	if err != nil {
		return nil, err
	}
	var unknown []*tfprotov6.Diagnostic
	for _, name := range unknownArguments(value) {
		unknown = append(unknown, &tfprotov6.Diagnostic{
			Severity:  tfprotov6.DiagnosticSeverityError,
			Summary:   summaryInvalidArgument,
			Detail:    unknownArgument(name),
			Attribute: tftypes.NewAttributePath().WithAttributeName(name),
		})
	}
	return unknown, nil
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(diagnostic *tfprotov6.Diagnostic) bool {
		return diagnostic.Severity == tfprotov6.DiagnosticSeverityError
	})
}
