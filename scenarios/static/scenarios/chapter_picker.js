// Offer only the chapters of the mentor's organisation. For the eye: the server refuses the others.
"use strict";

document.addEventListener("DOMContentLoaded", function () {
  // On a mentor's page the pickers know the mentor; elsewhere a field of the form says who, or where.
  const known = document.querySelector("select[data-mentor]");
  const valueOf = function (id) {
    const field = document.getElementById(id);
    return field ? field.value : "";
  };
  django.jQuery.ajaxPrefilter(function (options) {
    if (!/(^|&)field_name=chapter(&|$)/.test(String(options.data))) {
      return;
    }
    const mentor = known ? known.dataset.mentor : valueOf("id_mentor");
    const organization = valueOf("id_organization");
    if (mentor) {
      options.data += "&mentor=" + encodeURIComponent(mentor);
    } else if (organization) {
      options.data += "&organization=" + encodeURIComponent(organization);
    }
  });
});
