package scriptix_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// fieldsOf calls visit with each exported field of a type that the API sends, by the API's name.
func fieldsOf(structure reflect.Type, visit func(name string, field reflect.StructField)) {
	for field := range structure.Fields() {
		if field.IsExported() && field.Name != "UnexpectedFields" {
			visit(apiName(field.Name), field)
		}
	}
}

// apiName returns the name of a field as the API writes it: "SessionID" is "session_id".
func apiName(goName string) string {
	goName = strings.ReplaceAll(strings.ReplaceAll(goName, "ID", "Id"), "URL", "Url")
	var name strings.Builder
	for i, r := range goName {
		if i > 0 && unicode.IsUpper(r) {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToLower(r))
	}
	return name.String()
}

// objectOf returns the JSON of a type with a value for each of its fields.
func objectOf(t *testing.T, structure reflect.Type, value func(name string, field reflect.Type) any) map[string]any {
	t.Helper()
	object := map[string]any{}
	fieldsOf(structure, func(name string, field reflect.StructField) {
		fieldType := field.Type
		if fieldType.Kind() == reflect.Pointer {
			fieldType = fieldType.Elem()
		}
		object[name] = value(name, fieldType)
		if fieldType.Kind() == reflect.Struct {
			object[name] = objectOf(t, fieldType, value)
		}
	})
	return object
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A field that is added later is redacted as well, whatever its type is.
func TestNoFieldOfASessionHoldsTheToken(t *testing.T) {
	t.Parallel()
	object := objectOf(t, reflect.TypeFor[scriptix.Session](), func(string, reflect.Type) any { return "Bearer " + scriptixtest.Token })
	// The token of a session that was asked for by that name is no secret to whoever asked.
	object["session_id"] = exampleID
	body := asJSON(t, object)
	session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
	if err != nil {
		t.Fatal(err)
	}
	object["session_id"] = scriptixtest.Token
	page, err := newStubClient(t, http.StatusOK, nil, `{"total_results": 1, "result": [`+asJSON(t, object)+`]}`).SessionPage(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for what, shown := range map[string]any{"session": session, "page": page} {
		text := asJSON(t, shown)
		hidesToken(t, what, text)
		if count := strings.Count(text, "(redacted)"); count < len(object)-1 {
			t.Errorf("%s has %d redacted texts of %d fields: %s", what, count, len(object), text)
		}
	}
}

// endingFields are those that only the end of a session sets. A list item that omits one takes it back.
var endingFields = []string{"Duration", "Error", "FinishedAt", "Document"}

// A field that is added later is either kept when a list omits it, or listed above.
func TestUpdateKeepsEveryLastingField(t *testing.T) {
	t.Parallel()
	object := objectOf(t, reflect.TypeFor[scriptix.Session](), func(name string, field reflect.Type) any {
		switch {
		case name == "session_id":
			return exampleID
		case name == "status":
			return "queued"
		case strings.HasSuffix(name, "_at"):
			return "2025-01-15T10:00:00Z"
		case field.Kind() == reflect.String:
			return "text"
		}
		return 7
	})
	session, err := newStubClient(t, http.StatusOK, nil, asJSON(t, object)).GetSession(t.Context(), exampleID)
	if err != nil {
		t.Fatal(err)
	}
	known := reflect.ValueOf(*session)
	updated := reflect.ValueOf(session.Update(asListed(t, `"status": "processing"`)))
	fieldsOf(known.Type(), func(name string, field reflect.StructField) {
		if known.FieldByIndex(field.Index).IsZero() {
			t.Fatalf("the decoder does not read %s", name)
		}
		ends := slices.Contains(endingFields, field.Name)
		if lost := updated.FieldByIndex(field.Index).IsZero(); lost != ends {
			t.Errorf("%s is lost when a list omits it: %t, want %t", name, lost, ends)
		}
	})
}

// Redacting takes a bounded time, whatever an answer holds, and hides the token in what it does not look through.
func TestHostileEscapesAreNotLookedThroughForLong(t *testing.T) {
	t.Parallel()
	hostile := strings.Repeat(`%25%2525&amp;amp;\\u0025`, (6<<20)/24)
	items := []string{}
	for _, name := range []string{hostile, percent(scriptixtest.Token), "plain.mp3"} {
		items = append(items, asJSON(t, map[string]any{"session_id": exampleID, "status": "queued", "filename": name}))
	}
	body := `{"total_results": 3, "result": [` + strings.Join(items, ",") + `]}`
	started := time.Now()
	page, err := newStubClient(t, http.StatusOK, nil, body).SessionPage(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a page of %d MiB took %s", len(body)>>20, time.Since(started))
	names := []string{}
	for _, session := range page.Sessions {
		names = append(names, *session.Filename)
	}
	compare(t, "filenames", names, []string{"(redacted)", "(redacted)", "plain.mp3"})
}

// The bound leaves alone what real pages hold.
func TestSignedAddressesAreLeftAlone(t *testing.T) {
	t.Parallel()
	address := "https://storage.example/media?X-Signature=" + strings.Repeat("%2Fab&c=", 300)
	items := make([]string, scriptix.PageSize)
	for i := range items {
		items[i] = asJSON(t, map[string]any{"session_id": fmt.Sprint(i), "status": "queued", "media_url": address})
	}
	body := `{"total_results": 100, "result": [` + strings.Join(items, ",") + `]}`
	page, err := newStubClient(t, http.StatusOK, nil, body).SessionPage(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, session := range page.Sessions {
		compare(t, "media_url", *session.MediaURL, address)
	}
}
