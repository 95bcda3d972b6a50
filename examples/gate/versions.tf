terraform {
  required_version = ">= 1.4"

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}
