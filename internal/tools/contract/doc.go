// Package contract holds the test that judges both the fake API and the client by the OpenAPI description of the
// contract. The judge is a library that shares no code with either: pb33f/libopenapi-validator. It reads OpenAPI 3.1, and
// its strict mode also reports what the description does not name, be it a field, a query parameter, or a header.
// kin-openapi reads OpenAPI 3.1 as well, but accepts such additions.
package contract
