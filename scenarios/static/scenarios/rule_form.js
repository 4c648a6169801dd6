// Show what belongs to the chosen trigger, and offer only the chapters of the chosen organisation.
// Both are for the eye: the server sorts out and refuses the rest.
"use strict";

document.addEventListener("DOMContentLoaded", function () {
  const trigger = document.getElementById("id_trigger_type");
  if (trigger) {
    const showWhatBelongs = function () {
      document.querySelectorAll("[data-triggers]").forEach(function (input) {
        const line = input.closest(".field-line");
        if (line) {
          line.parentElement.hidden = !input.dataset.triggers.split(" ").includes(trigger.value);
        }
      });
    };
    trigger.addEventListener("change", showWhatBelongs);
    showWhatBelongs();
  }

  const $ = django.jQuery;
  $.ajaxPrefilter(function (options) {
    const organization = document.getElementById("id_organization");
    const asksForChapters = /(^|&)field_name=chapter(&|$)/.test(String(options.data));
    if (asksForChapters && organization && organization.value) {
      options.data += "&organization=" + encodeURIComponent(organization.value);
    }
  });
  $("#id_organization").on("change", function () {
    $("#id_chapter").val(null).trigger("change");
  });
});
