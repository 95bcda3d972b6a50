package provider

import (
	"bytes"
	"math"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// FuzzEncodingOfSessions encodes any session in both ways: as a list encodes it, and as the framework encodes it elsewhere.
// Terraform compares them, so they must be the same to the last byte.
func FuzzEncodingOfSessions(f *testing.F) {
	for _, duration := range []float64{
		0, math.Copysign(0, -1), -5, 0.1, 3600, 3600.5, 1 << 53, 1 << 60, 1 << 63, 1 << 64, 1e22, 1e23, 1e308, 5e-324, math.MaxFloat64,
	} {
		f.Add(duration, int64(math.MaxInt64), "meeting.mp3", true)
		f.Add(duration, int64(math.MinInt64), "", false)
	}
	f.Fuzz(func(t *testing.T, duration float64, number int64, text string, isCompleted bool) {
		if math.IsNaN(duration) || math.IsInf(duration, 0) {
			t.Skip("JSON has no such number")
		}
		session := scriptix.Session{SessionID: text, Status: "completed", Duration: &duration, ID: &number}
		if isCompleted {
			session.Filename, session.Error, session.FinishedAt = &text, &text, &text
			session.Document = &scriptix.Document{ID: &text}
		}
		for _, field := range sessionShape.fields {
			var listed bytes.Buffer
			if err := field.encode(msgpack.NewEncoder(&listed), &session); err != nil {
				t.Fatal(err)
			}
			elsewhere, err := tfprotov6.NewDynamicValue(field.valueType, field.value(&session))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(listed.Bytes(), elsewhere.MsgPack) {
				t.Errorf("%s is encoded as % x, and elsewhere as % x", field.name, listed.Bytes(), elsewhere.MsgPack)
			}
		}
	})
}
