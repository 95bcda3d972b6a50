package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// structState is the state of scriptix_sessions as the framework's reflection takes it.
type structState struct {
	Status            types.String    `tfsdk:"status"`
	SessionIDs        types.List      `tfsdk:"session_ids"`
	MaxResults        types.Number    `tfsdk:"max_results"`
	TotalResults      *int64          `tfsdk:"total_results"`
	Sessions          []structSession `tfsdk:"sessions"`
	WaitForCompletion types.Bool      `tfsdk:"wait_for_completion"`
	AllowFailed       types.Bool      `tfsdk:"allow_failed"`
	AllowUnfinished   types.Bool      `tfsdk:"allow_unfinished"`
	CreatedAfter      types.String    `tfsdk:"created_after"`
	CreatedBefore     types.String    `tfsdk:"created_before"`
	PollInterval      types.String    `tfsdk:"poll_interval"`
	Timeouts          types.Object    `tfsdk:"timeouts"`
}

type structSession struct {
	ID            *int64          `tfsdk:"id"`
	SessionID     string          `tfsdk:"session_id"`
	Status        string          `tfsdk:"status"`
	Filename      *string         `tfsdk:"filename"`
	Duration      *float64        `tfsdk:"duration"`
	Language      *string         `tfsdk:"language"`
	MediaType     *string         `tfsdk:"media_type"`
	Error         *string         `tfsdk:"error"`
	CreatedAt     *string         `tfsdk:"created_at"`
	StartedAt     *string         `tfsdk:"started_at"`
	FinishedAt    *string         `tfsdk:"finished_at"`
	Document      *structDocument `tfsdk:"document"`
	SessionMode   *string         `tfsdk:"session_mode"`
	CustomModelID *int64          `tfsdk:"custom_model_id"`
}

type structDocument struct {
	ID   *string `tfsdk:"id"`
	Name *string `tfsdk:"name"`
	Type *string `tfsdk:"type"`
}

// SessionEncoders are the two ways to encode the sessions of a state: as this provider does it, and by the framework's
// reflection. Both are decoded to the same value.
func SessionEncoders(t testing.TB, number int) (direct, reflected func() tfprotov6.DynamicValue) {
	t.Helper()
	config := configOf(t, "scriptix_sessions", nil)
	sessions := make([]scriptix.Session, number)
	for i := range sessions {
		sessions[i] = fullSession()
		sessions[i].SessionID = fmt.Sprintf("session-%05d", i)
	}
	direct = func() tfprotov6.DynamicValue {
		encoded, err := listedSessionShape.encodedList(sessions)
		if err != nil {
			t.Fatal(err)
		}
		return tfprotov6.DynamicValue{MsgPack: encoded}
	}
	reflected = func() tfprotov6.DynamicValue {
		var state structState
		diagnostics := config.Get(context.Background(), &state)
		state.TotalResults = new(int64(number))
		state.Sessions = make([]structSession, number)
		for i := range sessions {
			state.Sessions[i] = structOf(&sessions[i])
		}
		reflected := tfsdk.State(config)
		diagnostics.Append(reflected.Set(context.Background(), state)...)
		if diagnostics.HasError() {
			t.Fatal(diagnostics)
		}
		list := objectValues(reflected.Raw)["sessions"]
		encoded, err := tfprotov6.NewDynamicValue(list.Type(), list)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	return direct, reflected
}

// DecodedSessions decodes the sessions of a state.
func DecodedSessions(t testing.TB, encoded tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	list, err := encoded.Unmarshal(tftypes.List{ElementType: listedSessionShape.objectType})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func structOf(s *scriptix.Session) structSession {
	return structSession{
		ID: s.ID, SessionID: s.SessionID, Status: string(s.Status), Filename: s.Filename, Duration: s.Duration,
		Language: s.Language, MediaType: s.MediaType, Error: s.Error, CreatedAt: s.CreatedAt, StartedAt: s.StartedAt,
		FinishedAt: s.FinishedAt, SessionMode: s.SessionMode, CustomModelID: s.CustomModelID,
		Document: &structDocument{ID: s.Document.ID, Name: s.Document.Name, Type: s.Document.Type},
	}
}
