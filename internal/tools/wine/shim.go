// Package wine holds the tests of the Windows build under Wine, for machines without Windows. "make test-wine" runs them.
package wine

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// ShimName is the library that Go's runtime loads, and that Wine lacks before version 9.
const ShimName = "bcryptprimitives.dll"

const (
	fileAlignment = 0x200
	sectionStart  = 0x1000 // where Windows maps the only section
)

// Shim returns a library for amd64 without code: its only function is that of another library, which does the same.
func Shim() []byte {
	exports := exportSection("ProcessPrng", "advapi32.SystemFunction036")
	size := uint32(len(exports)) //nolint:gosec // less than a page
	header := &bytes.Buffer{}
	header.Write(slices.Concat([]byte("MZ"), make([]byte, 0x3a), []byte{0x40, 0, 0, 0}, []byte("PE\x00\x00")))
	// https://learn.microsoft.com/windows/win32/debug/pe-format has the fields.
	put(header,
		uint16(0x8664), uint16(1), uint32(0), uint32(0), uint32(0), uint16(240), uint16(0x2022), // amd64, one section, a DLL
		uint16(0x20b), uint16(0), uint32(0), uint32(fileAlignment), uint32(0), uint32(0), uint32(0), // 64 bits, no entry point
		uint64(0x180000000), uint32(sectionStart), uint32(fileAlignment), // preferred address and alignments
		uint16(6), uint16(0), uint16(0), uint16(0), uint16(6), uint16(0), uint32(0), // for Windows Vista and later
		uint32(2*sectionStart), uint32(fileAlignment), uint32(0), uint16(3), uint16(0x160),
		uint64(0x100000), uint64(0x1000), uint64(0x100000), uint64(0x1000), uint32(0), uint32(16),
		uint32(sectionStart), size, [15]uint64{}, // of 16 tables, only the exports are there
		[8]byte{'.', 'r', 'd', 'a', 't', 'a'}, size, uint32(sectionStart), uint32(fileAlignment), uint32(fileAlignment),
		[12]byte{}, uint32(0x40000040), // readable data
	)
	return slices.Concat(padded(header.Bytes()), padded(exports))
}

// exportSection exports a function that the system looks up in another library.
func exportSection(function, forwardedTo string) []byte {
	const addresses, names, ordinals, texts = 0x28, 0x2c, 0x30, 0x34
	nameAt := uint32(sectionStart + texts + len(ShimName) + 1)
	forwardAt := nameAt + uint32(len(function)) + 1 //nolint:gosec // less than a page
	section := &bytes.Buffer{}
	put(section,
		uint32(0), uint32(0), uint32(0), uint32(sectionStart+texts), uint32(1), uint32(1), uint32(1), // one function, one name
		uint32(sectionStart+addresses), uint32(sectionStart+names), uint32(sectionStart+ordinals),
		forwardAt, nameAt, uint32(0),
		[]byte(ShimName+"\x00"+function+"\x00"+forwardedTo+"\x00"),
	)
	return section.Bytes()
}

func put(into *bytes.Buffer, fields ...any) {
	for _, field := range fields {
		if err := binary.Write(into, binary.LittleEndian, field); err != nil {
			panic(err) // a field of another type is a mistake here
		}
	}
}

func padded(content []byte) []byte {
	return append(content, make([]byte, fileAlignment-len(content))...)
}
