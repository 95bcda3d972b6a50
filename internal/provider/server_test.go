package provider

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// invocationEvent is an event as plugin-go sends it to Terraform.
type invocationEvent struct {
	Progress  *struct{ Message string }
	Completed *struct {
		Diagnostics []struct{ Severity, Summary string }
	}
}

// eventStream takes what plugin-go sends to Terraform.
type eventStream[Event any] struct {
	grpc.ServerStream
	ctx  context.Context
	sent func(*Event) error
}

func (s eventStream[Event]) Context() context.Context { return s.ctx }

func (s eventStream[Event]) Send(event *Event) error { return s.sent(event) }

// listEvent is a result of a list as plugin-go sends it to Terraform.
type listEvent struct {
	DisplayName string
	Diagnostic  []struct{ Severity, Summary string }
}

// invokeThrough calls InvokeAction of plugin-go.
func invokeThrough[Request, Event any](
	ctx context.Context, t *testing.T,
	method func(*Request, grpc.ServerStreamingServer[Event]) error,
	config *tfprotov6.DynamicValue, sent func(invocationEvent),
) error {
	t.Helper()
	return streamThrough(ctx, t, method, map[string]any{"actionType": waitAction, "config": map[string][]byte{"msgpack": config.MsgPack}}, sent)
}

// streamThrough calls a streaming method of plugin-go. The compiler infers the types of the messages, whose package is
// internal.
func streamThrough[Request, Event, Decoded any](
	ctx context.Context, t *testing.T,
	method func(*Request, grpc.ServerStreamingServer[Event]) error,
	fields map[string]any, sent func(Decoded),
) error {
	t.Helper()
	encoded, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	request := new(Request)
	if err := protojson.Unmarshal(encoded, any(request).(proto.Message)); err != nil {
		t.Fatal(err)
	}
	return method(request, eventStream[Event]{ctx: ctx, sent: func(message *Event) error {
		encoded, err := protojson.Marshal(any(message).(proto.Message))
		if err != nil {
			return err
		}
		var event Decoded
		if err := json.Unmarshal(encoded, &event); err != nil {
			return err
		}
		sent(event)
		return nil
	}})
}

// Terraform takes a stream that ends without an error and without a Completed event for success. plugin-go drops every
// event that comes after its StopProvider.
func TestStoppedActionSendsThatItWasCancelled(t *testing.T) {
	tests := map[string]struct {
		fault     *scriptixtest.Fault
		interrupt bool // a terminal signals the provider, too
	}{
		"while it waits":                          {nil, false},
		"while it waits, interrupted":             {nil, true},
		"while the first read hangs":              {&scriptixtest.Fault{Hang: true}, false},
		"while the first read hangs, interrupted": {&scriptixtest.Fault{Hang: true}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Add(scriptixtest.Session{SessionID: "slow", Processing: 1000 * time.Hour})
				if test.fault != nil {
					api.Inject(*test.fault)
				}
				interrupted, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				actions := newActions(interrupted, t, api)
				config := actions.config(values{"session_ids": stringList("slow"), "timeouts": limit("30m")})
				plugin := tf6server.New("scriptix", actions.ProviderServer, tf6server.WithLoggingSink(t))

				stop := func() {
					if test.interrupt {
						interrupt()
					}
					if _, err := plugin.StopProvider(t.Context(), nil); err != nil {
						t.Error(err)
					}
				}
				if test.fault != nil {
					time.AfterFunc(time.Second, stop)
				}
				var completed *invocationEvent
				err := invokeThrough(t.Context(), t, plugin.InvokeAction, config, func(event invocationEvent) {
					if event.Completed != nil {
						completed = &event
						return
					}
					// Were StopProvider not to wait for the Completed event, it would have returned when Wait does.
					go stop()
					synctest.Wait()
				})
				if err != nil {
					t.Fatal(err)
				}
				if completed == nil {
					t.Fatal("plugin-go has sent no Completed event")
				}
				diagnostics := completed.Completed.Diagnostics
				if len(diagnostics) != 1 || diagnostics[0].Severity != "ERROR" || diagnostics[0].Summary != summaryCancelled {
					t.Errorf("the action ended with %v", diagnostics)
				}
				if elapsed := time.Since(api.Requests()[0].Time); elapsed > 2*time.Second {
					t.Errorf("the action ended %s after its first request", elapsed)
				}
			})
		})
	}
}

// Terraform would take a stream that ends without an error for all that there is.
func TestStoppedListSendsThatItWasCancelled(t *testing.T) {
	for name, interrupted := range map[string]bool{"by Terraform": false, "by Terraform and a terminal": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Inject(scriptixtest.Fault{Hang: true})
				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				queries := queries{newProtocolServer(ctx, t, api)}
				config := queries.request(nil, 100, false).Config
				plugin := tf6server.New("scriptix", queries.ProviderServer, tf6server.WithLoggingSink(t))
				stopped := make(chan struct{})
				time.AfterFunc(time.Second, func() {
					defer close(stopped)
					if interrupted {
						interrupt()
					}
					if _, err := plugin.StopProvider(t.Context(), nil); err != nil {
						t.Error(err)
					}
				})
				list := func() (events []listEvent, err error) {
					err = streamThrough(t.Context(), t, plugin.ListResource,
						map[string]any{"typeName": completionResource, "config": map[string][]byte{"msgpack": config.MsgPack}, "limit": 100},
						func(event listEvent) { events = append(events, event) })
					return events, err
				}
				events, err := list()
				if err != nil {
					t.Fatal(err)
				}
				if len(events) != 1 || len(events[0].Diagnostic) != 1 || events[0].Diagnostic[0].Severity != "ERROR" || events[0].Diagnostic[0].Summary != summaryCancelled {
					t.Errorf("the list ended with %v", events)
				}
				<-stopped // an interrupt ends the first list without StopProvider
				if events, err := list(); !errors.Is(err, context.Canceled) || len(events) > 0 {
					t.Errorf("a list after StopProvider ended with %v, %v", events, err)
				}
				if sent := len(api.Requests()); sent != 1 {
					t.Errorf("%d requests were sent", sent)
				}
			})
		})
	}
}

// An action that arrives while StopProvider ends the others must not run, because plugin-go could drop its Completed event.
func TestActionAfterStopProviderIsAnError(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Add(scriptixtest.Session{SessionID: "completed"})
	actions := newActions(t.Context(), t, api)
	config := actions.config(values{"session_ids": stringList("completed")})
	plugin := tf6server.New("scriptix", actions.ProviderServer, tf6server.WithLoggingSink(t))
	if _, err := plugin.StopProvider(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err := invokeThrough(t.Context(), t, plugin.InvokeAction, config, func(event invocationEvent) {
		t.Errorf("plugin-go has sent %v", event)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want %v", err, context.Canceled)
	}
	if sent := len(api.Requests()); sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}

	// With -debug, the same process serves the next run of Terraform, which begins so.
	actions.configure(api)
	diagnostics := actions.invoke(t.Context(), values{"session_ids": stringList("completed")}, func(string) {})
	if len(diagnostics) > 0 {
		t.Error(texts(diagnostics))
	}
}
