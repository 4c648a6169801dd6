// Show what belongs to the chosen trigger, and offer only chapters and messages of the chosen organisation.
// All of it is for the eye: the server sorts out and refuses the rest.
"use strict";

document.addEventListener("DOMContentLoaded", function () {
  const trigger = document.getElementById("id_trigger_type");
  if (trigger) {
    const belongs = function (triggers) {
      return triggers.split(" ").includes(trigger.value);
    };
    const showWhatBelongs = function () {
      document.querySelectorAll("[data-triggers]").forEach(function (input) {
        const line = input.closest(".field-line");
        if (line) {
          line.parentElement.hidden = !belongs(input.dataset.triggers);
        }
      });
      document.querySelectorAll("[data-hint-for]").forEach(function (hint) {
        hint.hidden = !belongs(hint.dataset.hintFor);
      });
    };
    trigger.addEventListener("change", showWhatBelongs);
    showWhatBelongs();
  }

  const organization = document.getElementById("id_organization");
  const chapter = document.getElementById("id_chapter");
  if (!organization || !chapter) {
    return;
  }
  const $ = django.jQuery;
  $.ajaxPrefilter(function (options) {
    const asksForItsOwn = /(^|&)field_name=(chapter|prompt_template)(&|$)/.test(String(options.data));
    if (asksForItsOwn && organization.value) {
      options.data += "&organization=" + encodeURIComponent(organization.value);
    }
  });
  // Only another organisation than the chapter's own empties the chapter: select2 says "change" while the page loads,
  // and an emptied chapter means the whole organisation.
  let chaptersOrganization = organization.value;
  $(chapter).on("change", function () {
    chaptersOrganization = organization.value;
  });
  $(organization).on("change", function () {
    const isAnother = organization.value && chaptersOrganization && organization.value !== chaptersOrganization;
    if (chapter.value && isAnother) {
      $(chapter).val(null).trigger("change");
    }
  });
});
