package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var sessionsType = tftypes.Map{ElementType: listedSessionShape.objectType}

// storedSessions returns the sessions in a state of scriptix_session_completions by their IDs; none if there is no state.
func storedSessions(state tftypes.Value) map[string]tftypes.Value {
	return objectValues(objectValues(state)["sessions"])
}

// withSessions returns a plan or a state with these sessions, a map of tftypes.Value or tftypes.UnknownValue.
func withSessions(arguments tftypes.Value, sessions any) tftypes.Value {
	return stateOf(arguments, map[string]tftypes.Value{"sessions": tftypes.NewValue(sessionsType, sessions)})
}

// plannedIDs returns the session_ids of a plan, sorted. They are not known if one of them is not.
func plannedIDs(plan tftypes.Value) (sessionIDs []string, known bool) {
	planned := objectValues(plan)["session_ids"]
	if !planned.IsFullyKnown() {
		return nil, false
	}
	var elements []tftypes.Value
	// Cannot fail: Terraform sends a value of the schema's type.
	_ = planned.As(&elements)
	for _, element := range elements {
		var sessionID string
		_ = element.As(&sessionID)
		sessionIDs = append(sessionIDs, sessionID)
	}
	slices.Sort(sessionIDs)
	return sessionIDs, true
}

// split returns the sessions of the state that stay, and the IDs of those that the state does not have.
func split(sessionIDs []string, stored map[string]tftypes.Value) (kept map[string]tftypes.Value, added []string) {
	kept = map[string]tftypes.Value{}
	for _, sessionID := range sessionIDs {
		if session, isStored := stored[sessionID]; isStored {
			kept[sessionID] = session
		} else {
			added = append(added, sessionID)
		}
	}
	return kept, added
}

// sessionsIn returns what a state holds of sessions, in the order of their IDs.
func sessionsIn(stored map[string]tftypes.Value) []scriptix.Session {
	var sessions []scriptix.Session
	for _, sessionID := range slices.Sorted(maps.Keys(stored)) {
		sessions = append(sessions, storedSession(stored[sessionID]))
	}
	return sessions
}

// objectsOf returns sessions as values, by their IDs.
func objectsOf(sessions []scriptix.Session) map[string]tftypes.Value {
	objects := make(map[string]tftypes.Value, len(sessions))
	for i := range sessions {
		objects[sessions[i].SessionID] = listedSessionShape.object(storable(sessions[i]))
	}
	return objects
}

// plannedSession returns a session of which only the ID is known.
func plannedSession(sessionID string) tftypes.Value {
	attributes := map[string]tftypes.Value{}
	for name, attribute := range listedSessionShape.objectType.AttributeTypes {
		attributes[name] = tftypes.NewValue(attribute, tftypes.UnknownValue)
	}
	attributes["session_id"] = tftypes.NewValue(tftypes.String, sessionID)
	return tftypes.NewValue(listedSessionShape.objectType, attributes)
}
