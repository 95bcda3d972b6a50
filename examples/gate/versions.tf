terraform {
  required_version = ">= 1.3" # document.id of a resource

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}
